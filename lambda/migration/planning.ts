import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { replicaStatus } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { type PlanSummary } from '../shared/state';
import { Ledger } from './ledger';
import { isConverted, makePlan, planHash } from './plan';
import { CLAIM_LOCK, workerLock } from './worker-procedure';

/** Workers are numbered from 1; an earlier execution may have had more of them than this one. */
const MOST_WORKERS = 64;

/**
 * Makes or completes the ledger on Green: what is done stays done, what runs goes on, everything else is planned again from the facts.
 * This is also how an execution continues after a failure that was mended, and how it takes over from another one.
 *
 * @throws `NotAReplica`, `PlanChanged`, `PlanRefused`.
 */
export async function writePlan(green: Session, settings: PipelineSettings, execution: string): Promise<PlanSummary> {
  await mustBeReplica(green);
  const uuid = (await green.row<{ uuid: string }>('SELECT @@server_uuid AS uuid'))?.uuid ?? '';
  const visible = await green.row('SELECT 1 AS found FROM performance_schema.replication_connection_configuration').catch(() => undefined) !== undefined;
  const ledger = await Ledger.create(green, { planHash: planHash(settings), serverUuid: uuid, replicaVisible: visible });
  const present = await ledger.plan();
  if (present !== undefined && present.planHash !== planHash(settings)) {
    throw new PipelineError(
      ErrorName.PLAN_CHANGED,
      `the ledger on Green belongs to another plan (${present.planHash}; the construct now says ${planHash(settings)}): Green may be converted in part by the old one. Put the Migration and `
      + 'targetEngineVersion back as they were to continue, or delete the Blue/Green deployment together with Green and start again',
    );
  }
  await ledger.takeOver(execution);
  if (await green.row<{ got: number }>('SELECT GET_LOCK(?, 60) AS got', [CLAIM_LOCK]).then((row) => row?.got) !== 1) {
    throw new PipelineError(ErrorName.DATABASE_UNREACHABLE, 'another session holds the plan for a minute already; trying again');
  }
  try {
    await judgeOrphans(green, ledger);
    const running = await ledger.steps('RUNNING');
    const { steps, skippedTables } = await makePlan(green, settings);
    const open = steps.filter((step) => !running.some(({ kind, schema, object }) => kind === step.kind && schema === step.schema && object === step.object));
    await ledger.replaceOpenSteps(open);
    const counts = await ledger.counts();
    return { steps: counts.pending + counts.running + counts.done, pending: counts.pending, skippedTables, bytes: counts.bytes };
  } finally {
    await green.row('SELECT RELEASE_LOCK(?)', [CLAIM_LOCK]);
  }
}

/**
 * Nothing is ever altered on a server that is not the replica of something.
 *
 * @throws `NotAReplica`.
 */
export async function mustBeReplica(green: Session): Promise<void> {
  if (await replicaStatus(green) !== undefined) return;
  throw new PipelineError(
    ErrorName.NOT_A_REPLICA,
    'the server behind Green\'s endpoint is not a replica, so it is not Green any more (was it switched over by hand?), and nothing is altered on it: look at the deployment in the RDS '
    + 'console; a new execution with {} continues with what is still to do',
  );
}

/** The numbers of the workers whose session lives. */
export async function liveWorkers(green: Session): Promise<Map<number, number>> {
  const numbers = Array.from({ length: MOST_WORKERS }, (_, index) => index + 1);
  const row = await green.row<Record<string, number | null>>(`SELECT ${numbers.map((number) => `IS_USED_LOCK('${workerLock(number)}') AS w${number}`).join(', ')}`);
  return new Map(numbers.flatMap((number) => (typeof row?.[`w${number}`] === 'number' ? [[number, Number(row[`w${number}`])] as const] : [])));
}

/**
 * A step that is RUNNING while its worker is gone (killed session, crashed server) is judged by the table: converted means done, otherwise
 * it is pending again. Never by guess.
 *
 * @returns whether any was found.
 */
export async function judgeOrphans(green: Session, ledger: Ledger): Promise<boolean> {
  const alive = await liveWorkers(green);
  const orphans = (await ledger.steps('RUNNING')).filter(({ kind, worker }) => kind === 'TABLE' && (worker === null || !alive.has(worker)));
  for (const step of orphans) {
    await ledger.mark(step.id, await isConverted(green, step.schema, step.object) ? 'DONE' : 'PENDING');
  }
  return orphans.length > 0;
}
