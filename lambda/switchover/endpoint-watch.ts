import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { credentialsFor } from '../mysql/login';
import { Session, type Server } from '../mysql/session';
import { property } from '../shared/errors';
import { type EndpointWatch, type ErrorCounts, type GapsSeen } from '../shared/state';
import { secondsBetween } from '../shared/waiting';
import { Gap } from './gap';
import { Topology } from './topology';

const PROBE_INTERVAL_MILLISECONDS = 100;
const PROBE_TIMEOUT_MILLISECONDS = 1000;
/** A probe that gets no answer does not keep the next ones waiting; more at once would only be in each other's way. */
const MOST_PROBES_AT_ONCE = 4;
const INVOCATION_MILLISECONDS = 110_000;
/** A rolled-back switchover may still drop connections for a moment behind its deadline. */
const AFTER_DEADLINE_SECONDS = 60;
/** Kinds of errors that are told apart. */
const MOST_KINDS = 20;

/** How long the endpoint is watched. */
export interface WatchOptions {
  readonly now: string;
  /** What earlier invocations saw. */
  readonly previous: EndpointWatch | null;
  /** The switchover's own limit. */
  readonly timeoutSeconds: number;
  /** After the endpoint leads to the new server. */
  readonly watchSeconds: number;
  /** RDS has been seen to have refused, cancelled or rolled back the switchover. */
  readonly isOff?: boolean;
}

/** What one probe saw. */
interface Sight {
  readonly server: string;
  readonly writable: boolean;
  /** The server carries the ledger, so it is the former Green. */
  readonly green: boolean;
}

/**
 * Looks at the production endpoint ten times a second as applications do: with a new connection each time, and with one that is kept, as in a pool,
 * and opened anew only when it breaks. Measures the longest gaps in reading and in writability. It never writes: whether the server would take a
 * write it says itself (read_only, innodb_read_only).
 *
 * Ends some time after the endpoint leads to the former Green, after RDS has rolled back, where the server tells (mysql.rds_topology) or RDS was asked between
 * two invocations, or at the switchover's deadline. Never throws: a client that cannot connect is exactly what it is there to see.
 */
export async function watchEndpoint(server: Server, { now, previous, timeoutSeconds, watchSeconds, isOff = false }: WatchOptions): Promise<EndpointWatch> {
  const startedAt = previous?.startedAt ?? now;
  const remaining = Math.max(1, timeoutSeconds + AFTER_DEADLINE_SECONDS - secondsBetween(startedAt, now)) * 1000;
  const began = Date.now();
  // moments of the execution's clock on that of this process, and back.
  const moment = (time: string) => began + Date.parse(time) - Date.parse(now);
  const timeOf = (time: number) => new Date(Date.parse(now) + (time - began)).toISOString();

  const credentials = await credentialsFor({ host: server.endpoint, port: server.port });
  // until now, nobody has looked: what Secrets Manager took is no gap.
  const looksSince = Date.now();
  const end = looksSince + Math.min(INVOCATION_MILLISECONDS, remaining);
  const clock = { looksSince, moment, timeOf };
  const open = () => openInTime(server, credentials);
  const fresh = new Client(clock, previous?.fresh);
  const pooled = new Client(clock, previous?.pooled);
  const topology = new Topology(previous?.topology ?? []);
  let kept: Session | undefined;
  let keptIsBusy = false;
  let firstServer = previous?.firstServer ?? null;
  let changedAt = previous?.changedAt ?? null;
  let rolledBackAt: number | undefined;
  let probes = previous?.probes ?? 0;
  let resolution = previous?.resolutionMilliseconds ?? 0;
  let lastProbe = previous === null ? undefined : moment(previous.lastProbeAt ?? previous.startedAt);

  const probeAnew = async () => {
    let session: Session | undefined;
    try {
      session = await open();
      const sight = await look(session);
      fresh.saw(sight);
      firstServer ??= sight.server;
      if (sight.green) changedAt ??= timeOf(Date.now());
      await withinTime(topology.look(session)).catch(() => undefined);
      if ((topology.isRolledBack || isOff) && sight.writable) rolledBackAt ??= Date.now();
    } catch (thrown) {
      fresh.failed(thrown);
    } finally {
      session?.abandon();
    }
  };
  const probeKept = async () => {
    keptIsBusy = true;
    try {
      kept ??= await open();
      pooled.saw(await look(kept));
    } catch (thrown) {
      pooled.failed(thrown);
      kept?.abandon();
      kept = undefined;
    } finally {
      keptIsBusy = false;
    }
  };

  const isOver = () => {
    const since = changedAt === null ? rolledBackAt : moment(changedAt);
    return since !== undefined && Date.now() >= since + watchSeconds * 1000;
  };
  const atWork = new Set<Promise<void>>();
  let ofKept: Promise<void> | undefined;
  while (Date.now() < end && !isOver()) {
    const started = Date.now();
    if (atWork.size < MOST_PROBES_AT_ONCE) {
      if (lastProbe !== undefined) resolution = Math.max(resolution, started - lastProbe);
      lastProbe = started;
      probes += 1;
      const work: Promise<void> = probeAnew().finally(() => atWork.delete(work));
      atWork.add(work);
    }
    if (!keptIsBusy) ofKept = probeKept();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, PROBE_INTERVAL_MILLISECONDS - (Date.now() - started))));
  }
  await Promise.all([...atWork, ofKept]);
  kept?.abandon();
  return {
    done: isOver() || Date.now() - began >= remaining,
    waitSeconds: 1,
    startedAt, firstServer, changedAt, probes,
    resolutionMilliseconds: resolution,
    lastProbeAt: lastProbe === undefined ? null : timeOf(lastProbe),
    fresh: fresh.result(),
    pooled: pooled.result(),
    topology: topology.seen,
  };
}

interface Clock {
  readonly looksSince: number;
  moment(time: string): number;
  timeOf(time: number): string;
}

/** What a client of one kind has seen. */
class Client {
  private readonly read: Gap;
  private readonly write: Gap;
  private readonly errors: Record<string, number>;

  constructor(private readonly clock: Clock, previous: GapsSeen | undefined) {
    const gap = (lostAt: string | null | undefined, longest = 0) => new Gap(lostAt ? clock.moment(lostAt) : clock.looksSince, longest);
    this.read = gap(previous?.readLostAt, previous?.longestReadGapMilliseconds);
    this.write = gap(previous?.writeLostAt, previous?.longestWriteGapMilliseconds);
    this.errors = { ...previous?.errors };
  }

  public saw({ writable }: Sight): void {
    this.read.look(true);
    this.write.look(writable);
  }

  public failed(thrown: unknown): void {
    this.read.look(false);
    this.write.look(false);
    const kind = kindOf(thrown);
    const known = kind in this.errors || Object.keys(this.errors).length < MOST_KINDS ? kind : 'others';
    this.errors[known] = (this.errors[known] ?? 0) + 1;
  }

  public result(): GapsSeen {
    const lost = (time: number | undefined) => (time === undefined ? null : this.clock.timeOf(time));
    const errors: ErrorCounts = this.errors;
    return {
      longestReadGapMilliseconds: this.read.longest(), longestWriteGapMilliseconds: this.write.longest(),
      readLostAt: lost(this.read.lostAt), writeLostAt: lost(this.write.lostAt), errors,
    };
  }
}

async function look(session: Session): Promise<Sight> {
  const row = await withinTime(session.row<{ uuid: string; readOnly: number; innodbReadOnly: number; green: number }>(
    `SELECT @@server_uuid AS uuid, @@global.read_only AS readOnly, @@global.innodb_read_only AS innodbReadOnly,
            EXISTS (SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?) AS green`,
    [LEDGER_SCHEMA],
  ));
  if (row === undefined) throw new Error('no row');
  return { server: row.uuid, writable: !row.readOnly && !row.innodbReadOnly, green: Boolean(row.green) };
}

async function openInTime(server: Server, credentials: Awaited<ReturnType<typeof credentialsFor>>): Promise<Session> {
  const opening = Session.open(server, { credentials, timeoutMilliseconds: PROBE_TIMEOUT_MILLISECONDS });
  try {
    // the driver's own limit ends with the login: a server may fall silent after it.
    return await withinTime(opening);
  } catch (thrown) {
    // one that opens after all is of no use any more.
    opening.then((session) => session.abandon(), () => undefined);
    throw thrown;
  }
}

function kindOf(thrown: unknown): string {
  return String(property(thrown instanceof Error ? thrown.cause ?? thrown : thrown, 'code') ?? property(thrown, 'name') ?? 'unknown');
}

async function withinTime<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'PROBE_TIMEOUT' })), PROBE_TIMEOUT_MILLISECONDS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
