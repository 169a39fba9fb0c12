import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { Ledger, type Step } from '../migration/ledger';
import { replicaStatus } from '../mysql/dialect';
import { indexNamesOf, marks } from '../mysql/inventory';
import { quoteName, quoteTable, SYSTEM_SCHEMAS, tableKey } from '../mysql/names';
import { binlogRetentionHours, setBinlogRetentionHours } from '../mysql/rds-procedures';
import { Session } from '../mysql/session';
import { messageOf, PipelineError, property } from '../shared/errors';
import { someOf } from '../shared/lists';
import { type LedgerSummary, type Situation } from '../shared/state';
import { required } from '../shared/task';

/** An event and what creates or changes it truly. */
interface StoredEvent {
  readonly schema: string;
  readonly name: string;
  /** `ENABLED`, `DISABLED` (also once it has run for the last time), or `REPLICA_SIDE_DISABLED`, which was `SLAVESIDE_DISABLED`. */
  readonly status: string;
  readonly definer: string;
  readonly sqlMode: string;
  readonly timeZone: string;
  readonly client: string;
  readonly connection: string;
}

/** What was done to production. */
export interface RestoredProduction {
  readonly remarks: readonly string[];
  readonly ledger: LedgerSummary | null;
  /** Steps of the migration that were not done; null until the ledger is gone. */
  readonly unfinished: number | null;
  /** What is not yet as it was; empty when everything was read back. */
  readonly open: readonly string[];
}

/**
 * Undoes on the new production what was only for the time of Green: events that arrived disabled, the raised binlog retention; last, when
 * everything is as it was, the ledger. May run any number of times.
 */
export async function restoreProduction(situation: Situation, settings: PipelineSettings): Promise<RestoredProduction> {
  const remarks: string[] = [];
  const unknown: string[] = [];
  if (situation.source === null) remarks.push('the old Blue is gone: which events were enabled there is not known; see whether those of production are as they should be');
  const old = situation.source === null ? undefined : await Session.open(situation.source).catch((thrown: unknown) => {
    // it may only be restarting, and nobody else knows what was enabled there.
    unknown.push(`the old Blue cannot be asked which events were enabled there (${messageOf(thrown)}); where it is gone for good, delete its cluster`);
    return undefined;
  });
  try {
    return await Session.use(required(situation.target, 'production'), async (production) => {
      await mustBeProduction(production);
      if (old !== undefined) {
        const { enabled, refused } = await restoreEvents(old, production);
        remarks.push(...enabled);
        unknown.push(...refused);
      }
      remarks.push(...await restoreRetention(old, production, situation.deployment?.binlogRetentionHours));
      const open = [...unknown, ...await indexesMissing(production), ...await notYetRestored(old, production, situation, settings)];
      if (open.length > 0) return { remarks, ledger: null, unfinished: null, open };
      const ledger = await Ledger.open(production);
      const summary = await ledger?.summary() ?? null;
      const undone = await ledger?.steps('PENDING', 'RUNNING', 'FAILED', 'UNKNOWN') ?? [];
      if (undone.length > 0) remarks.push(notDone(undone));
      await ledger?.drop();
      return { remarks, ledger: summary, unfinished: undone.length, open };
    });
  } finally {
    await old?.close();
  }
}

/** Whoever switches over by hand does not wait for the migration. */
function notDone(steps: readonly Step[]): string {
  const names = [...new Set(steps.map(({ schema, object }) => (object === '' ? schema : `${schema}.${object}`)))];
  return `THE MIGRATION WAS NOT DONE when it was switched over, which somebody did by hand: ${steps.length} step${steps.length === 1 ? ' was' : 's were'} open (${someOf(names)}), and what they would have changed is as it was on Blue. `
    + 'It needs another Green: retire or delete this deployment, and start a new execution with {}';
}

/** The ledger must not be dropped, nor anything enabled, on a server that still follows another. */
async function mustBeProduction(production: Session): Promise<void> {
  const row = await production.row<{ readOnly: number }>('SELECT @@global.read_only AS readOnly');
  const status = await replicaStatus(production);
  const follows = status !== undefined && (status.ioRunning !== 'No' || status.sqlRunning !== 'No');
  if (!row?.readOnly && !follows) return;
  throw new PipelineError(
    ErrorName.RESTORE_FAILED,
    `the server behind the production endpoint ${follows ? 'still follows another one' : 'is read-only'}, so it is not the new production yet: nothing was restored. Look at the deployment in the RDS `
    + 'console, then start a new execution with {}',
  );
}

/** Events created or altered on Blue while Green followed arrived there disabled; those that were enabled on Blue are enabled again. */
async function restoreEvents(old: Session, production: Session): Promise<{ readonly enabled: string[]; readonly refused: string[] }> {
  const before = new Set((await eventsOf(old)).filter(({ status }) => status === 'ENABLED').map(keyOf));
  const [enabled, refused]: [string[], string[]] = [[], []];
  for (const event of (await eventsOf(production)).filter(arrivedDisabled)) {
    if (!before.has(keyOf(event))) continue;
    try {
      await enable(production, event);
      enabled.push(`event ${event.schema}.${event.name}, which was enabled on Blue, was enabled again (it was ${event.status})`);
    } catch (thrown) {
      // the others, and everything else, must not wait for it.
      if (property(thrown, 'name') === ErrorName.DATABASE_UNREACHABLE) throw thrown;
      refused.push(`event ${event.schema}.${event.name} of ${event.definer} cannot be enabled (${messageOf(thrown)})`);
    }
  }
  return { enabled, refused };
}

/** What is simply DISABLED was disabled by somebody on production, or has run for the last time. */
function arrivedDisabled({ status }: StoredEvent): boolean {
  return status.endsWith('SIDE_DISABLED');
}

/** ALTER EVENT makes the one who calls it the definer and takes over the session's SQL mode, so both are named as they were. */
async function enable(production: Session, event: StoredEvent): Promise<void> {
  const at = event.definer.lastIndexOf('@');
  const definer = `${quoteName(event.definer.slice(0, at))}@${quoteName(event.definer.slice(at + 1))}`;
  const pinned = await production.row<Record<string, string>>('SELECT @@sql_mode AS mode, @@time_zone AS zone, @@character_set_client AS client, @@collation_connection AS connection');
  const set = 'SET SESSION sql_mode = ?, time_zone = ?, character_set_client = ?, collation_connection = ?';
  await production.run(set, [event.sqlMode, event.timeZone, event.client, event.connection]);
  try {
    await production.run(`ALTER DEFINER = ${definer} EVENT ${quoteTable(event.schema, event.name)} ENABLE`);
  } finally {
    await production.run(set, [pinned?.mode ?? '', pinned?.zone ?? '+00:00', pinned?.client ?? 'utf8mb4', pinned?.connection ?? 'utf8mb4_general_ci']);
  }
}

async function eventsOf(session: Session): Promise<StoredEvent[]> {
  return session.rows<StoredEvent>(
    `SELECT EVENT_SCHEMA AS \`schema\`, EVENT_NAME AS name, STATUS AS status, DEFINER AS definer, SQL_MODE AS sqlMode, TIME_ZONE AS timeZone,
            CHARACTER_SET_CLIENT AS client, COLLATION_CONNECTION AS connection
       FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)})`,
    SYSTEM_SCHEMAS,
  );
}

/** Green is a clone and carries the raised retention; the old Blue has it too, but takes no writes while the deployment object exists. */
async function restoreRetention(old: Session | undefined, production: Session, hours: number | null | undefined): Promise<string[]> {
  if (hours === undefined) return [`what 'binlog retention hours' was on Blue is not known; it was left as it is (${await binlogRetentionHours(production) ?? 'NULL'})`];
  const remarks: string[] = [];
  if (await binlogRetentionHours(production) !== hours) {
    await setBinlogRetentionHours(production, hours);
    remarks.push(`'binlog retention hours' was set back to ${hours ?? 'NULL'} on production`);
  }
  if (old !== undefined && await binlogRetentionHours(old) !== hours) {
    try {
      await setBinlogRetentionHours(old, hours);
      remarks.push(`'binlog retention hours' was set back to ${hours ?? 'NULL'} on the old Blue`);
    } catch (thrown) {
      if (property(thrown, 'name') === ErrorName.DATABASE_UNREACHABLE) throw thrown;
      remarks.push(`'binlog retention hours' of the old Blue is still raised, because it is read-only while the Blue/Green deployment exists (${messageOf(thrown)}): if the old Blue is to be kept, `
        + `CALL mysql.rds_set_configuration('binlog retention hours', ${hours ?? 'NULL'}) there after deleting the deployment`);
    }
  }
  return remarks;
}

/** Reads everything back. */
async function notYetRestored(old: Session | undefined, production: Session, { deployment }: Situation, settings: PipelineSettings): Promise<string[]> {
  // a group that was made from Blue's brings the conversions Blue had.
  const conversions = settings.targetClusterParameterGroup === undefined && old !== undefined ? await conversionsOf(old) : '';
  const open = await parametersNotYetRestored(production, { conversions, scheduler: deployment?.eventScheduler });
  const [retention, wanted] = [await binlogRetentionHours(production), deployment?.binlogRetentionHours];
  if (wanted !== undefined && retention !== wanted) open.push(`'binlog retention hours' is ${retention ?? 'NULL'} on production and was ${wanted ?? 'NULL'} on Blue`);
  if (old === undefined) return open;
  const disabled = new Set((await eventsOf(production)).filter(arrivedDisabled).map(keyOf));
  const missing = (await eventsOf(old)).filter((event) => event.status === 'ENABLED' && disabled.has(keyOf(event)));
  return [...open, ...missing.map(({ schema, name }) => `event ${schema}.${name} is not enabled on production and was on Blue`)];
}

/**
 * Somebody has switched over by hand before the migration was done. Nothing is altered on production without being asked, and the ledger,
 * which has the only definitions, stays.
 */
async function indexesMissing(production: Session): Promise<string[]> {
  const ledger = await Ledger.open(production);
  const steps = (await ledger?.steps('PENDING', 'RUNNING', 'FAILED', 'UNKNOWN') ?? []).filter(({ kind }) => kind === 'INDEXES');
  if (steps.length === 0) return [];
  const present = await indexNamesOf(production, [...new Set(steps.map(({ schema }) => schema))]);
  return steps.flatMap(({ schema, object, indexes }) => {
    const names = present.get(tableKey(schema, object));
    // a table that is not there any more, or not copied yet, misses nothing.
    const missing = names === undefined ? [] : indexes.filter(({ name }) => !names.has(name));
    return missing.length === 0 ? [] : [`${schema}.${object} has lost ${missing.length === 1 ? 'an index' : 'indexes'}: ALTER TABLE ${quoteTable(schema, object)} ${missing.map(({ definition }) => `ADD ${definition}`).join(', ')}`];
  });
}

/** What the parameter group should have brought by now. */
async function parametersNotYetRestored(
  production: Session, before: { readonly conversions: string; readonly scheduler: string | undefined },
): Promise<string[]> {
  const open: string[] = [];
  const conversions = await conversionsOf(production);
  if (conversions !== '' && conversions !== before.conversions) open.push(`replica_type_conversions is still '${conversions}' on production`);
  const scheduler = (await variable(production, 'event_scheduler') ?? 'OFF').toUpperCase();
  const wanted = before.scheduler?.toUpperCase();
  if (wanted !== undefined && (wanted === 'ON') !== (scheduler === 'ON')) open.push(`event_scheduler is ${scheduler} on production and was ${wanted} on Blue`);
  return open;
}

function keyOf({ schema, name }: StoredEvent): string {
  return tableKey(schema, name);
}

async function conversionsOf(session: Session): Promise<string> {
  return await variable(session, 'replica_type_conversions') ?? await variable(session, 'slave_type_conversions') ?? '';
}

async function variable(session: Session, name: string): Promise<string | undefined> {
  return (await session.row<{ Value: string }>('SHOW GLOBAL VARIABLES WHERE Variable_name = ?', [name]))?.Value;
}
