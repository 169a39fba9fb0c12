import { ErrorName } from '../../lib/private/contract';
import { runChecks } from '../checks/check';
import { BLUE_CHECKS } from '../checks/mysql/registry';
import { binlogRetentionHours } from '../mysql/rds-procedures';
import { Session } from '../mysql/session';
import { messageOf, property } from '../shared/errors';
import { collect, type Finding, type Findings, stops } from '../shared/findings';
import { readSettings } from '../shared/settings';
import { type BlueFacts } from '../shared/state';
import { situationOf, task } from '../shared/task';

/** Ways in which logging in can fail; a finding like any other, so that it is reported together with the rest. */
const LOGIN_PROBLEMS: readonly string[] = [ErrorName.LOGIN_REFUSED, ErrorName.SECRET_INVALID, ErrorName.SECRET_UNREACHABLE, ErrorName.DATABASE_UNREACHABLE];

/**
 * Runs the preflight checks inside MySQL, and reads what has to be remembered of Blue.
 */
export const handler = task<Findings & { blue: BlueFacts | null }>(async (event) => {
  const settings = readSettings();
  const situation = situationOf(event);
  const { source } = situation;
  if (source?.status !== 'available') {
    const why = source === null ? 'the cluster does not exist' : `the cluster was '${source.status}'`;
    // a blocker: the other zone looks a moment later, when it may be available again.
    return { ...collect([{ id: 'database-login', severity: 'blocker', message: `nothing was checked inside MySQL, because ${why} when the execution began: start again when it is available` }]), blue: null };
  }
  try {
    return await Session.use(source, async (blue) => {
      const findings = await runChecks(BLUE_CHECKS, 'preflight', { settings, situation, blue }, event.state.options.acknowledge);
      return { ...collect(findings), blue: findings.some(stops) ? null : await factsOf(blue) };
    });
  } catch (thrown) {
    if (!LOGIN_PROBLEMS.includes(String(property(thrown, 'name')))) throw thrown;
    const finding: Finding = { id: 'database-login', severity: 'blocker', message: `${property(thrown, 'name')}: ${messageOf(thrown)}` };
    return { ...collect([finding]), blue: null };
  }
});

async function factsOf(blue: Session): Promise<BlueFacts> {
  const row = await blue.row<{ scheduler: string }>('SELECT @@global.event_scheduler AS scheduler');
  return { binlogRetentionHours: await binlogRetentionHours(blue), eventScheduler: row?.scheduler ?? 'OFF' };
}
