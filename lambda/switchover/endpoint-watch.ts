import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { credentialsFor } from '../mysql/login';
import { Session, type Server } from '../mysql/session';
import { property } from '../shared/errors';
import { type EndpointWatch } from '../shared/state';
import { secondsBetween } from '../shared/waiting';

const PROBE_INTERVAL_MILLISECONDS = 100;
const PROBE_TIMEOUT_MILLISECONDS = 1000;
const INVOCATION_MILLISECONDS = 30_000;
/** A rolled-back switchover may still drop connections for a moment behind its deadline. */
const AFTER_DEADLINE_SECONDS = 60;

/** How long the endpoint is watched. */
export interface WatchOptions {
  readonly now: string;
  /** What earlier invocations saw. */
  readonly previous: EndpointWatch | null;
  /** The switchover's own limit. */
  readonly timeoutSeconds: number;
  /** After the endpoint leads to the new server. */
  readonly watchSeconds: number;
}

/** What one probe saw. */
interface Probe {
  readonly server?: string;
  readonly writable?: boolean;
  /** The server carries the ledger, so it is the former Green. */
  readonly green?: boolean;
  readonly error?: string;
}

/**
 * Looks at the production endpoint as a client that connects anew does, ten times a second, and measures the longest gaps in reading and in
 * writability. It never writes: whether the server would take a write it says itself (read_only, innodb_read_only).
 *
 * Ends some time after the endpoint leads to the former Green, or at the switchover's deadline. Never throws: a client that cannot connect is
 * exactly what it is there to see.
 */
export async function watchEndpoint(
  server: Server,
  { now, previous, timeoutSeconds, watchSeconds }: WatchOptions,
): Promise<EndpointWatch> {
  const startedAt = previous?.startedAt ?? now;
  const remaining = Math.max(1, timeoutSeconds + AFTER_DEADLINE_SECONDS - secondsBetween(startedAt, now)) * 1000;
  const began = Date.now();
  const end = began + Math.min(INVOCATION_MILLISECONDS, remaining);
  // moments of the execution's clock on that of this process, and back.
  const moment = (time: string) => began + Date.parse(time) - Date.parse(now);
  const timeOf = (time: number) => new Date(Date.parse(now) + (time - began)).toISOString();
  const errors: Record<string, number> = { ...previous?.errors };
  const read = new Gap(previous?.readLostAt ? moment(previous.readLostAt) : began, previous?.longestReadGapMilliseconds ?? 0);
  const write = new Gap(previous?.writeLostAt ? moment(previous.writeLostAt) : began, previous?.longestWriteGapMilliseconds ?? 0);
  let firstServer = previous?.firstServer ?? null;
  let changedAt = previous?.changedAt ?? null;
  let changedMoment = changedAt === null ? undefined : moment(changedAt);
  let probes = previous?.probes ?? 0;
  const credentials = await credentialsFor({ host: server.endpoint, port: server.port });
  while (Date.now() < end && (changedMoment === undefined || Date.now() < changedMoment + watchSeconds * 1000)) {
    const started = Date.now();
    const probe = await look(server, credentials);
    probes += 1;
    if (probe.error !== undefined) errors[probe.error] = (errors[probe.error] ?? 0) + 1;
    read.look(probe.server !== undefined);
    write.look(probe.writable === true);
    firstServer ??= probe.server ?? null;
    if (probe.green === true && changedMoment === undefined) {
      changedMoment = Date.now();
      changedAt = timeOf(changedMoment);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, PROBE_INTERVAL_MILLISECONDS - (Date.now() - started))));
  }
  const watched = changedMoment !== undefined && Date.now() >= changedMoment + watchSeconds * 1000;
  return {
    done: watched || Date.now() - began >= remaining,
    waitSeconds: 1,
    startedAt, firstServer, changedAt, probes, errors,
    longestReadGapMilliseconds: read.longest(),
    longestWriteGapMilliseconds: write.longest(),
    readLostAt: read.lostAt === undefined ? null : timeOf(read.lostAt),
    writeLostAt: write.lostAt === undefined ? null : timeOf(write.lostAt),
  };
}

async function look(server: Server, credentials: Awaited<ReturnType<typeof credentialsFor>>): Promise<Probe> {
  const opening = Session.open(server, { credentials, timeoutMilliseconds: PROBE_TIMEOUT_MILLISECONDS });
  try {
    // the driver's own limit ends with the login: a server may fall silent after it.
    const session = await withinTime(opening);
    try {
      const row = await withinTime(session.row<{ uuid: string; readOnly: number; innodbReadOnly: number; green: number }>(
        `SELECT @@server_uuid AS uuid, @@global.read_only AS readOnly, @@global.innodb_read_only AS innodbReadOnly,
                EXISTS (SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?) AS green`,
        [LEDGER_SCHEMA],
      ));
      return { server: row?.uuid, writable: row !== undefined && !row.readOnly && !row.innodbReadOnly, green: Boolean(row?.green) };
    } finally {
      session.abandon();
    }
  } catch (thrown) {
    // one that opens after all is of no use any more.
    opening.then((session) => session.abandon(), () => undefined);
    return { error: String(property(thrown instanceof Error ? thrown.cause ?? thrown : thrown, 'code') ?? property(thrown, 'name') ?? 'unknown') };
  }
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

/** The longest time between two sightings. */
class Gap {
  private missing = false;

  constructor(private last: number, private most: number) {}

  /** The last sighting, while there is none. */
  public get lostAt(): number | undefined {
    return this.missing ? this.last : undefined;
  }

  public look(seen: boolean): void {
    this.missing = !seen;
    if (!seen) return;
    this.most = this.longest();
    this.last = Date.now();
  }

  public longest(): number {
    return Math.max(this.most, Date.now() - this.last);
  }
}
