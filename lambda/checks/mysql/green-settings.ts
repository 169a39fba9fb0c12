import { Ledger } from '../../migration/ledger';
import { keptConversions } from '../../migration/proved-conversions';
import { replicaStatus, typeConversions } from '../../mysql/dialect';
import { type Check, type Problem } from '../check';
import { changedDatabasesOf, type GreenContext } from './context';

/** What Green's parameter group should bring is in effect on the running server, and replication converts what it did when the migration was planned. */
export const greenSettings: Check<GreenContext> = {
  id: 'green-settings',
  scopes: ['green', 'before-switchover'],
  async run({ blue, green, settings, situation, scope }) {
    const name = situation.target?.identifier;
    const problems: Problem[] = [];
    if (settings.migration.kind !== 'none') problems.push(...await otherConversions(green, name, scope === 'green'));
    const scheduler = await variable(green, 'event_scheduler') ?? 'OFF';
    if (!['OFF', 'DISABLED'].includes(scheduler.toUpperCase())) {
      problems.push({
        severity: 'blocker',
        message: `event_scheduler on '${name}' is ${scheduler}: events would run on Green as well as on Blue, and the data would differ. Set it to OFF in Green's cluster parameter group `
          + `(GreenClusterParameterGroup does)${scope === 'green' ? '' : ', and start a new execution with {}, which compares everything again'}`,
      });
    }
    // by then, everything is created and written.
    if (scope === 'green' && settings.migration.kind !== 'none') problems.push(...await creatorsNotTrusted(green, changedDatabasesOf(settings)), ...await readOnly({ blue, green }, name));
    return problems;
  },
};

/** What replication makes of changed columns was judged for certain conversions: more of them turn an error into values that are wrong. */
async function otherConversions(green: GreenContext['green'], name: string | undefined, isBefore: boolean): Promise<Problem[]> {
  const [conversions, proved] = [await typeConversions(green), await keptConversions(green)];
  // what was not begun is planned once more.
  if (proved !== undefined && proved !== conversions && !(isBefore && await (await Ledger.open(green))?.hasBegun() !== true)) {
    return [{
      severity: 'blocker',
      message: `replica_type_conversions on '${name}' is '${conversions}', and was '${proved}' when the migration was planned: what was proved then does not hold. Replication may stop now, or have stored values otherwise, without any error. Set it to '${proved}' again in Green's cluster parameter group and start a `
        + 'new execution with {}, which compares everything again; to migrate with another one, give this Green up (an execution with { "action": "abandon" }) and start again',
    }];
  }
  if (conversions.toUpperCase().split(',').includes('ALL_NON_LOSSY')) return [];
  return [{
    severity: 'blocker',
    message: `replica_type_conversions on '${name}' is '${conversions}': replication would stop at the first row of a widened column (error 1677 / 13146). Set ALL_NON_LOSSY in Green's `
      + 'cluster parameter group (GreenClusterParameterGroup does) and start again',
  }];
}

/** Triggers and functions are created again; with a binlog that needs SUPER or this setting. */
async function creatorsNotTrusted(green: GreenContext['green'], databases: readonly string[]): Promise<Problem[]> {
  const row = await green.row<{ trusted: number; logBin: number }>('SELECT @@log_bin_trust_function_creators AS trusted, @@log_bin AS logBin');
  if (row === undefined || row.trusted || !row.logBin || databases.length === 0) return [];
  return [{
    severity: 'blocker',
    message: 'log_bin_trust_function_creators is OFF on Green: triggers and functions cannot be created there (error 1419). Set it to 1 in Green\'s cluster parameter '
      + 'group (GreenClusterParameterGroup does)',
  }];
}

async function readOnly({ blue, green }: Pick<GreenContext, 'blue' | 'green'>, name: string | undefined): Promise<Problem[]> {
  // another check says so; here it must not be written to.
  if (await replicaStatus(green) === undefined || await uuidOf(blue) === await uuidOf(green)) return [];
  try {
    // the ledger's own schema, needed in a moment anyway: the only certain way to know is to write.
    await green.run('CREATE DATABASE IF NOT EXISTS blue_green_pipeline CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    return [];
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return [{
      severity: 'blocker',
      message: `our user cannot write on '${name}' (${message}): use a user with CONNECTION_ADMIN (the master user of Aurora MySQL 3 and 8.4 has it), or set read_only to 0 in Green's cluster `
        + 'parameter group (GreenClusterParameterGroup does where the version demands it)',
    }];
  }
}

async function uuidOf(session: GreenContext['green']): Promise<string | undefined> {
  return (await session.row<{ uuid: string }>('SELECT @@server_uuid AS uuid'))?.uuid;
}

async function variable(green: GreenContext['green'], name: string): Promise<string | undefined> {
  return (await green.row<{ Value: string }>('SHOW GLOBAL VARIABLES WHERE Variable_name = ?', [name]))?.Value;
}
