import { type HookName } from '../../lib/private/contract';

/** The error of a task as Step Functions hands it to a Catch. */
export interface TaskFailure {
  readonly Error: string;
  /** JSON of Lambda, or a sentence of Step Functions; absent after some of its own errors. */
  readonly Cause?: string;
  /** Of a hook of the user: which one, and what it has thrown. */
  readonly hook?: HookName;
  readonly thrown?: TaskFailure;
}

/** What the endings that are not ours mean. */
const FOREIGN: Readonly<Record<string, string>> = {
  'Sandbox.Timedout': 'a function reached its time limit',
  'Runtime.ExitError': 'the process of a function ended in the middle of its work',
  'Lambda.Unknown': 'a function ended without saying why',
  'States.Timeout': 'a state reached its time limit',
};

/** What Step Functions leaves of a cause that is too long for it still begins with type and message. */
const MESSAGE_IN_CUT_JSON = /"errorMessage":"((?:[^"\\]|\\.)*)/;

/** Whether a name is one of Lambda's or Step Functions' own. */
export function isForeign(name: string): boolean {
  return name in FOREIGN || /^(States|Lambda|Runtime|Sandbox)\./.test(name);
}

/** The message of a failed task, whatever form its cause has. */
export function explained({ Error: name, Cause: cause, hook, thrown }: TaskFailure): string {
  if (hook !== undefined && thrown !== undefined) return hookFailed(hook, thrown);
  const meaning = FOREIGN[name];
  const message = messageIn(cause ?? '');
  if (message === undefined) return [meaning ?? name, ...cause ? [cause] : []].join(': ');
  return meaning === undefined ? message : `${meaning}: ${message}`;
}

/** What a hook has thrown, and what that means. */
function hookFailed(hook: HookName, thrown: TaskFailure): string {
  const message = explained(thrown);
  const named = isForeign(thrown.Error) || message.startsWith(thrown.Error) ? message : `${thrown.Error}: ${message}`;
  const stopped = hook === 'beforeSwitchover' ? 'Nothing was switched over; what it had stopped by then stays stopped until somebody starts it again. ' : 'Nothing was altered on Green after it. ';
  return `the hook '${hook}' has failed: ${named}\n${stopped}Mend it: the next execution, or a redrive, runs it again from its beginning`;
}

/** Not every cause is JSON: those of Step Functions itself are sentences. */
function messageIn(cause: string): string | undefined {
  try {
    const content = JSON.parse(cause) as { errorMessage?: unknown } | null;
    return typeof content?.errorMessage === 'string' ? content.errorMessage : undefined;
  } catch {
    const [, escaped] = MESSAGE_IN_CUT_JSON.exec(cause) ?? [];
    // the cut may have gone through an escaped character.
    return escaped === undefined ? undefined : JSON.parse(`"${escaped.replace(/\\u[\da-f]{0,3}$/i, '')}"`) as string;
  }
}
