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
  const errors: Record<string, number> = { ...previous?.errors };
  const read = new Gap(began, previous?.longestReadGapMilliseconds ?? 0);
  const write = new Gap(began, previous?.longestWriteGapMilliseconds ?? 0);
  let firstServer = previous?.firstServer ?? null;
  let changedAt = previous?.changedAt ?? null;
  let changedMoment = changedAt === null ? undefined : began;
  let probes = previous?.probes ?? 0;
  const credentials = await credentialsFor({ host: server.endpoint, port: server.port });
  while (Date.now() < end && (changedMoment === undefined || Date.now() < changedMoment + watchSeconds * 1000)) {
    const started = Date.now();
    const probe = await look(server, credentials);
    probes += 1;
    if (probe.error !== undefined) errors[probe.error] = (errors[probe.error] ?? 0) + 1;
    if (probe.server !== undefined) read.seen();
    if (probe.writable === true) write.seen();
    firstServer ??= probe.server ?? null;
    if (probe.green === true && changedMoment === undefined) {
      changedMoment = Date.now();
      changedAt = new Date(Date.parse(now) + (changedMoment - began)).toISOString();
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
  };
}

async function look(server: Server, credentials: Awaited<ReturnType<typeof credentialsFor>>): Promise<Probe> {
  try {
    const session = await Session.open(server, { credentials, timeoutMilliseconds: PROBE_TIMEOUT_MILLISECONDS });
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
  constructor(private last: number, private most: number) {}

  public seen(): void {
    this.most = this.longest();
    this.last = Date.now();
  }

  public longest(): number {
    return Math.max(this.most, Date.now() - this.last);
  }
}
