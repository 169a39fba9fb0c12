import { type ErrorName } from '../../lib/private/contract';

/** One of the public error names. */
export type PipelineErrorName = typeof ErrorName[keyof typeof ErrorName];

/**
 * An ending the operator reads: the name is a contract, the message says what was found, why it matters and what to do.
 */
export class PipelineError extends Error {
  /** A literal, so that minifying the bundle cannot change what the state machine matches. */
  public override readonly name: string;

  constructor(name: PipelineErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The member `code` or `name` of whatever was thrown, as drivers and the SDK set them. */
export function property(thrown: unknown, key: 'code' | 'errno' | 'name' | 'sqlState'): string | number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !(key in thrown)) return undefined;
  const value = (thrown as Record<string, unknown>)[key];
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
