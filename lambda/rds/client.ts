import { RDSClient } from '@aws-sdk/client-rds';
import { ErrorName } from '../../lib/private/contract';
import { messageOf, PipelineError, property } from '../shared/errors';

/** Without their endings; a name that cannot be resolved for a moment is the network's trouble, too. */
const TRANSIENT = [
  'Throttling', 'Throttled', 'RequestThrottled', 'TooManyRequests', 'RequestLimitExceeded', 'SlowDown', 'ServiceUnavailable', 'InternalFailure', 'RequestTimeout',
  'TimeoutError', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH',
];

const client = new RDSClient({ maxAttempts: 5 });

/**
 * Sends one command. Errors that pass by themselves become `RdsBusy`, which the state machine retries.
 */
export async function send<Output>(call: (client: RDSClient) => Promise<Output>): Promise<Output> {
  try {
    return await call(client);
  } catch (thrown) {
    const name = nameOf(thrown);
    if (TRANSIENT.includes(name) || isOutOfOrder(thrown)) {
      throw new PipelineError(ErrorName.RDS_BUSY, `RDS did not serve the request (${name}: ${messageOf(thrown)}); this passes by itself`, { cause: thrown });
    }
    throw thrown;
  }
}

/** The service itself has failed, in words nobody can list: a gateway before it answers with a page of its own. */
function isOutOfOrder(thrown: unknown): boolean {
  const { $metadata: { httpStatusCode = 0 } = {} } = (thrown ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return httpStatusCode >= 500 || httpStatusCode === 429;
}

/**
 * The name of an RDS error without its ending: the same fault is called `…Fault`, `…Exception` or nothing of the kind, depending on the layer.
 */
export function nameOf(thrown: unknown): string {
  const name = String(property(thrown, 'name') ?? '');
  const meaningful = name === 'Error' || name === '' ? String(property(thrown, 'code') ?? name) : name;
  return meaningful.replace(/(Fault|Exception)$/, '') || 'Unknown';
}

/** Every page of a list. */
export async function everyPage<Page extends { Marker?: string }, Item>(
  fetch: (marker: string | undefined) => Promise<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  let marker: string | undefined;
  do {
    const page = await fetch(marker);
    all.push(...items(page) ?? []);
    marker = page.Marker;
  } while (marker !== undefined && marker !== '');
  return all;
}

/** Tags as requests carry them. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
