import { changedDatabasesOf } from '../checks/mysql/context';
import { mustBeAsPlanned } from '../migration/blue-schema';
import { Session } from '../mysql/session';
import { messageOf } from '../shared/errors';
import { log } from '../shared/log';
import { readSettings } from '../shared/settings';
import { type ClusterFacts, type ComparisonProgress } from '../shared/state';
import { required, runOf, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';
import { compare } from '../verification/comparison';

/** Compares as much as one invocation may; the next one resumes. Evidence of an earlier execution does not count. */
export const handler = task<ComparisonProgress>(async (event) => {
  const situation = situationOf(event);
  const source = required(situation.source, 'Blue');
  const target = required(situation.target, 'Green');
  const settings = readSettings();
  return Session.use(source, (blue) => Session.use(target, (green) => Session.use(target, async (ledger) => {
    await mustBeAsPlanned({ blue, green }, changedDatabasesOf(settings));
    const run = { now: event.now, execution: runOf(event), previous: unfinished(event.state.comparison) };
    return withReader(source, (reader) => compare({ blue, green, ledger, ...reader === undefined ? {} : { reader } }, settings, run));
  })));
});

/** A reader carries most of the load where there is one; one that cannot be reached is no reason to fail. */
async function withReader<Result>({ readerEndpoint, port }: ClusterFacts, use: (reader: Session | undefined) => Promise<Result>): Promise<Result> {
  const reader = readerEndpoint === undefined ? undefined : await Session.open({ endpoint: readerEndpoint, port }).catch((thrown: unknown) => {
    log.warn('the reader endpoint does not answer; Blue is read from its writer', { cause: messageOf(thrown) });
    return undefined;
  });
  return use(reader).finally(() => reader?.close());
}
