import { StatesError, TaskError } from './errors';
import { MAX_PAYLOAD_BYTES } from './limits';

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether the value is a JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is left of a value after it went over the wire as JSON; `undefined` becomes null, as for a Lambda function that returns nothing. */
export function overTheWire(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

/** Returns the value, or fails with States.DataLimitExceeded where its JSON is larger than 256 KiB of UTF-8. */
export function withinPayloadLimit(value: unknown, what: string): unknown {
  const bytes = payloadBytes(value);
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new TaskError(StatesError.DATA_LIMIT_EXCEEDED, `${what} has ${bytes} bytes, more than the ${MAX_PAYLOAD_BYTES} that Step Functions allows`);
  }
  return value;
}

/** Size of the value's JSON in bytes of UTF-8. */
export function payloadBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
