import { randomUUID } from 'node:crypto';
import { TaskError } from './errors';
import { payloadBytes, overTheWire } from './json';
import { MAX_CAUSE_LENGTH, MAX_ERROR_LENGTH, MAX_PAYLOAD_BYTES } from './limits';

/** What a waiting task wants to know. */
export interface TokenHolder {
  succeed(output: unknown): void;
  fail(error: TaskError): void;
  heartbeat(): void;
}

/** The task tokens of an execution. */
export class TaskTokens {
  private readonly issued = new Set<string>();
  private readonly waiting = new Map<string, TokenHolder>();

  /** A new token, which nobody waits for yet. */
  public issue(): string {
    const token = randomUUID();
    this.issued.add(token);
    return token;
  }

  /** From now on the holder hears what happens to its token. */
  public wait(token: string, holder: TokenHolder): void {
    this.waiting.set(token, holder);
  }

  /** The task is over: its token is refused from now on. */
  public close(token: string): void {
    this.waiting.delete(token);
  }

  /** The task succeeded. */
  public succeed(token: string, output: unknown): void {
    const value = overTheWire(output);
    if (payloadBytes(value) > MAX_PAYLOAD_BYTES) throw new TaskError('InvalidOutput', `the output is larger than ${MAX_PAYLOAD_BYTES} bytes`);
    this.holderOf(token).succeed(value);
  }

  /** The task failed. */
  public fail(token: string, error: string, cause: string): void {
    if (error.length > MAX_ERROR_LENGTH || cause.length > MAX_CAUSE_LENGTH) {
      throw new TaskError('ValidationException', `an error has at most ${MAX_ERROR_LENGTH} characters and a cause ${MAX_CAUSE_LENGTH}, got ${error.length} and ${cause.length}`);
    }
    this.holderOf(token).fail(new TaskError(error, cause));
  }

  /** The task is alive. */
  public heartbeat(token: string): void {
    this.holderOf(token).heartbeat();
  }

  private holderOf(token: string): TokenHolder {
    const holder = this.waiting.get(token);
    if (holder) return holder;
    if (this.issued.has(token)) throw new TaskError('TaskTimedOut', 'the task of this token is over: it ended, timed out or was aborted');
    throw new TaskError('TaskDoesNotExist', 'no task of this execution has this token');
  }
}
