import { setTimeout as sleep } from 'node:timers/promises';
import { writePlan } from '../../../lambda/migration/planning';
import { supervise } from '../../../lambda/migration/supervisor';
import { Session } from '../../../lambda/mysql/session';
import { type MigrationProgress, type PlanSummary } from '../../../lambda/shared/state';
import { type CharacterSetConversion, type PipelineSettings } from '../../../lib/private/contract';
import { type Pair } from '../helpers/pair';
import { after, NOW, settingsOf } from '../shared/event';

/** The execution all looks belong to, unless a test names another. */
export const EXECUTION = 'arn:aws:states:eu-central-1:123456789012:execution:machine:one 0';

/** Every index that may be is deferred, however small. */
export const DEFERRED = { leastBytes: 0, roomBytes: 2 ** 40 } as const;
/** No index is. */
export const NOT_DEFERRED = { leastBytes: 0, roomBytes: 0 } as const;

/** The settings of a conversion of these databases. */
export function converting(
  databases: readonly string[], collations: Readonly<Record<string, string>> = {}, deferredIndexes: CharacterSetConversion['deferredIndexes'] = NOT_DEFERRED,
  applier: CharacterSetConversion['applier'] = 'running',
): PipelineSettings {
  return settingsOf({ migration: { kind: 'convertCharacterSet', databases, collations, deferredIndexes, applier } });
}

/** Writes the plan on Green. */
export function plan(pair: Pair, settings: PipelineSettings, execution = EXECUTION): Promise<PlanSummary> {
  return Session.use(pair.server('green'), (green) => writePlan(green, settings, execution));
}

/** One look at the migration. */
export function look(
  pair: Pair, settings: PipelineSettings, { workers = 2, seconds = 0, execution = EXECUTION }: { workers?: number; seconds?: number; execution?: string } = {},
): Promise<MigrationProgress> {
  return supervise(pair.server('green'), { ...settings, workers }, { now: after(seconds), execution, previous: { startedAt: NOW, looks: 0, settledSince: NOW, lockHolders: [] } });
}

/** Looks until the migration is done; throws what a look throws, or when it is not done within a minute. */
export async function finish(pair: Pair, settings: PipelineSettings, options: { workers?: number } = {}): Promise<MigrationProgress> {
  let progress: MigrationProgress | undefined;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    progress = await look(pair, settings, options);
    if (progress.done) return progress;
  }
  throw new Error(`The migration was not done within a minute: ${JSON.stringify(progress)} ${JSON.stringify(await ledgerSteps(pair))}`);
}

/** Plans and finishes. */
export async function migrate(pair: Pair, settings: PipelineSettings, options: { workers?: number } = {}): Promise<MigrationProgress> {
  await plan(pair, settings);
  return finish(pair, settings, options);
}

/** What the ledger says of the steps, in their order. */
export function ledgerSteps<Row = { object: string; kind: string; state: string; attempts: number; finished: string | null }>(pair: Pair, columns = 'object_name AS object, kind, state, attempts, CAST(finished_at AS CHAR) AS finished'): Promise<Row[]> {
  return pair.run<Row>('green', `SELECT ${columns} FROM blue_green_pipeline.step ORDER BY id`);
}
