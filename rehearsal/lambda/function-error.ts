import { TaskError } from '../step-functions/errors';

/** How a process ended: by an exit code, by a signal, or before it started. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly failure?: Error;
}

/** What a function reports about the error it threw. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** The error of a function that ran longer than its time limit. */
export function timedOut(requestId: string, seconds: number): TaskError {
  return platformError('Sandbox.Timedout', `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`);
}

/** The error of a function whose process ended in the middle of an invocation. */
export function exited(requestId: string, ending: Ending): TaskError {
  return platformError('Runtime.ExitError', `RequestId: ${requestId} Error: ${describeEnding(ending)}`);
}

/** The error of a function that threw, or that could not be loaded. */
export function thrown(error: ReportedError): TaskError {
  return new TaskError(error.errorType, JSON.stringify(error));
}

/** An error that Lambda itself reports, without a trace. */
export function platformError(errorType: string, errorMessage: string): TaskError {
  return new TaskError(errorType, JSON.stringify({ errorType, errorMessage }));
}

// Lambda is written in Go and names signals as Go does.
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
};

function describeEnding({ code, signal, failure }: Ending): string {
  if (failure) return `Runtime could not be started: ${failure.message}`;
  if (signal) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  return code ? `Runtime exited with error: exit status ${code}` : 'Runtime exited without providing a reason';
}
