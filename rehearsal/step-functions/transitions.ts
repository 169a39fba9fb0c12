import { type State, type StateScope } from './definition';

/**
 * Checks that every transition of a scope leads to one of its states, and that every state is reached from its start.
 * @param known names of all states of the scope, also of those that could not be read
 */
export function checkTransitions(scope: StateScope, known: ReadonlySet<string>, where: string, problems: string[]): void {
  if (!known.has(scope.startAt)) problems.push(`${where}: 'StartAt' names the state '${scope.startAt}', which is not there`);
  for (const state of scope.states.values()) {
    for (const target of targetsOf(state)) {
      if (!known.has(target)) problems.push(`state '${state.name}': it goes on to the state '${target}', which is not there`);
    }
  }
  // a state that could not be read has unknown targets: what it reaches would be reported wrongly.
  if (scope.states.size < known.size) return;
  const reached = reachedFrom(scope);
  for (const name of known) {
    if (!reached.has(name)) problems.push(`state '${name}': no state leads to it`);
  }
}

function reachedFrom(scope: StateScope): ReadonlySet<string> {
  const reached = new Set([scope.startAt]);
  // the set grows while it is walked.
  for (const name of reached) {
    const state = scope.states.get(name);
    if (state) targetsOf(state).forEach((target) => reached.add(target));
  }
  return reached;
}

function targetsOf(state: State): readonly string[] {
  switch (state.type) {
    case 'Succeed':
    case 'Fail':
      return [];
    case 'Choice':
      return [...state.choices.map((choice) => choice.next), ...given(state.byDefault)];
    case 'Task':
    case 'Parallel':
      return [...given(state.next), ...state.catch.map((catcher) => catcher.next)];
    case 'Pass':
    case 'Wait':
      return given(state.next);
  }
}

function given(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}
