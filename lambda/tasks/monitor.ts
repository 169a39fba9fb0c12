import { ErrorName, MetricName } from '../../lib/private/contract';
import { Ledger } from '../migration/ledger';
import { metadataLocks } from '../migration/metadata-locks';
import { liveWorkers } from '../migration/planning';
import { activities, type Activity, measuresOfProgress, outlook, secondsLeft } from '../migration/progress';
import { describe } from '../migration/supervisor';
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

/**
 * Looks at Green while nobody else does: between the looks of a wait, which may be an hour apart, and while a person is asked. Only reads,
 * and never fails: what cannot be seen is itself what is published.
 */
export const handler = async ({ now, green, retentionHours }: MonitorEvent): Promise<Observation> => {
  // as deployed, before any execution has said where Green is.
  if (now === undefined || green === undefined || green === null || retentionHours === undefined) return { observed: false };
  try {
    return { observed: await Session.use(green, (session) => observe(session, now, retentionHours)) };
  } catch (thrown) {
    log.warn('Green cannot be observed', { reason: property(thrown, 'name') ?? ErrorName.UNEXPECTED, message: messageOf(thrown) });
    publish(now, { [MetricName.REPLICA_LAG_UNKNOWN]: 1 });
    return { observed: false };
  }
};

async function observe(green: Session, now: string, retentionHours: number): Promise<boolean> {
  const replication = await observeReplication(green, retentionHours);
  // switched over meanwhile: it is Green no more, and nobody's replica.
  if (replication === undefined) return false;
  const migration = await observeMigration(green);
  publish(now, { [MetricName.STEPS_OPEN]: 0, [MetricName.APPLIER_PAUSED]: 0, ...replication, ...migration?.measures });
  for (const activity of migration?.running ?? []) log.info('step at work', { step: describe(activity), percent: activity.share === undefined ? null : Math.floor(activity.share * 100) });
  return true;
}

async function observeMigration(green: Session): Promise<{ readonly measures: Measures; readonly running: readonly Activity[] } | undefined> {
  const ledger = await Ledger.open(green);
  const plan = await ledger?.plan();
  if (ledger === undefined || plan?.ready !== true) return undefined;
  const [steps, alive, counts] = [await ledger.running(), await liveWorkers(green), await ledger.counts()];
  const running = await activities(green, steps, alive, await metadataLocks(green, [...alive.values()]));
  const left = secondsLeft(await outlook(ledger, running, readSettings().workers ?? STANDARD_WORKERS));
  return { running, measures: { ...measuresOfProgress(counts, running, left), [MetricName.APPLIER_PAUSED]: plan.applierPaused ? 1 : 0 } };
}
