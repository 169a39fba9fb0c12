/** The error of a task as Step Functions hands it to a Catch. */
export interface TaskFailure {
  readonly Error: string;
  readonly Cause: string;
}

/** What the endings that are not ours mean. */
const FOREIGN: Readonly<Record<string, string>> = {
  'Sandbox.Timedout': 'a function reached its time limit',
  'Runtime.ExitError': 'the process of a function ended in the middle of its work',
  'Lambda.Unknown': 'a function ended without saying why',
  'States.Timeout': 'a state reached its time limit',
};

/** Whether a name is one of Lambda's or Step Functions' own. */
export function isForeign(name: string): boolean {
  return name in FOREIGN || name.startsWith('States.') || name.startsWith('Lambda.');
}

/** The message of a failed task, whatever form its cause has. */
export function explained({ Error: name, Cause: cause }: TaskFailure): string {
  const meaning = FOREIGN[name];
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: string };
    if (errorMessage !== undefined) return meaning === undefined ? errorMessage : `${meaning}: ${errorMessage}`;
  } catch {
    // not every cause is JSON: those of Step Functions itself are sentences.
  }
  return `${meaning ?? name}: ${cause}`;
}
