import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds; throws when it still does not after a minute. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`Waited a minute in vain: ${what}`);
    await sleep(50);
  }
}
