import { type Session } from './session';

/** Works on the items several at once, one in each session, in their order. Ends with the first error, when nothing runs any more. */
export async function inLanes<Item>(
  sessions: readonly Session[], items: readonly Item[], work: (session: Session, item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries();
  const failures: unknown[] = [];
  await Promise.all(sessions.map(async (session) => {
    for (const [index, item] of waiting) {
      await work(session, item, index).catch((thrown: unknown) => failures.push(thrown));
      if (failures.length > 0) return;
    }
  }));
  if (failures.length > 0) throw failures[0];
}
