import { ErrorName, MetricName } from '../../lib/private/contract';
import { resumeForsaken } from '../migration/applier';
import { Ledger } from '../migration/ledger';
import { metadataLocks } from '../migration/metadata-locks';
import { liveWorkers } from '../migration/planning';
import { activities, type Activity, measuresOfProgress, outlook, secondsLeft } from '../migration/progress';
import { describe, revive } from '../migration/supervisor';
import { Session, type Server } from '../mysql/session';
import { observeReplication } from '../replication/observation';
import { STANDARD_WORKERS } from '../shared/capacity';
import { messageOf, property } from '../shared/errors';
import { log } from '../shared/log';
import { type Measures, publish } from '../shared/metrics';
import { readSettings } from '../shared/settings';

/** What the rule that calls once a minute hands over; the state machine has written it there (lib/private/state-machine/monitor.ts). */
export interface MonitorEvent {
  /** When the rule fired (ISO 8601). */
  readonly now?: string;
  readonly green?: Server | null;
  /** For how many hours Blue keeps its binlogs. */
  readonly retentionHours?: number;
}

/** Somebody has read Green. */
export interface Observation {
  readonly observed: boolean;
}

/** There is no such name: Green has been deleted, or it is production now and bears another. */
const NO_SUCH_HOST = 'ENOTFOUND';

/**
 * Looks at Green while nobody else does: between the looks of a wait, which may be an hour apart, while a person is asked, and after an execution that
 * has not succeeded. Never fails: what cannot be seen is itself what is published. It only reads, but for one thing: a replication that the pipeline
 * has stopped, and that nobody would start again, it starts; and workers that a crash has ended, while an execution counts on them.
 */
export const handler = async ({ now, green, retentionHours }: MonitorEvent): Promise<Observation> => {
  // as deployed, before any execution has said where Green is.
  if (now === undefined || green === undefined || green === null || retentionHours === undefined) return { observed: false };
  try {
    return { observed: await Session.use(green, (session) => observe(session, { now, green, retentionHours })) };
  } catch (thrown) {
    if (thrown instanceof Error && property(thrown.cause, 'code') === NO_SUCH_HOST) {
      log.info('there is no Green under its name any more', { endpoint: green.endpoint });
      return { observed: false };
    }
    log.warn('Green cannot be observed', { reason: property(thrown, 'name') ?? ErrorName.UNEXPECTED, message: messageOf(thrown) });
    publish(now, { [MetricName.REPLICA_LAG_UNKNOWN]: 1 });
    return { observed: false };
  }
};

async function observe(green: Session, { now, green: server, retentionHours }: Required<MonitorEvent> & { readonly green: Server }): Promise<boolean> {
  const replication = await observeReplication(green, retentionHours);
  // switched over meanwhile: it is Green no more, and nobody's replica.
  if (replication === undefined) return false;
  const ledger = await Ledger.open(green);
  const migration = ledger === undefined ? undefined : await observeMigration(green, ledger);
  publish(now, { [MetricName.STEPS_OPEN]: 0, [MetricName.APPLIER_PAUSED]: 0, ...replication, ...migration?.measures });
  for (const activity of migration?.running ?? []) log.info('step at work', { step: describe(activity), percent: activity.share === undefined ? null : Math.floor(activity.share * 100) });
  if (ledger !== undefined) await mend(server, green, ledger);
  return true;
}

/** Does what cannot wait for the next look of an execution, or whatever execution there will be. The next minute tries again. */
async function mend(server: Server, green: Session, ledger: Ledger): Promise<void> {
  try {
    if (await resumeForsaken(green, ledger)) log.warn('replication stood still for the migration, and nobody was left who needs it so: it is started again');
    if (await revive(server, green, ledger, readSettings())) log.warn('workers of the migration were gone: they are started again');
  } catch (thrown) {
    log.error('replication or workers of the migration stand still, and could not be started', { cause: messageOf(thrown) });
  }
}

async function observeMigration(green: Session, ledger: Ledger): Promise<{ readonly measures: Measures; readonly running: readonly Activity[] } | undefined> {
  const plan = await ledger.plan();
  if (plan?.ready !== true) return undefined;
  const [steps, alive, counts] = [await ledger.running(), await liveWorkers(green), await ledger.counts()];
  const running = await activities(green, steps, alive, await metadataLocks(green, [...alive.values()]));
  const left = secondsLeft(await outlook(ledger, running, readSettings().workers ?? STANDARD_WORKERS));
  return { running, measures: { ...measuresOfProgress(counts, running, left), [MetricName.APPLIER_PAUSED]: plan.applierPaused ? 1 : 0 } };
}
