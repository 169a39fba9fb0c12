import { type ConditionJson, type ScopeJson, type StateJson, testsOf } from './definition-json';

/** What is certain of a value, whichever way the execution came. */
export type Shape =
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, Shape>> }
  | { readonly kind: 'list'; readonly items: readonly Shape[] }
  | { readonly kind: 'boolean' | 'number' | 'string' | 'null' }
  /** There is something, of which nothing more is certain. */
  | { readonly kind: 'anything' };

const ANYTHING: Shape = { kind: 'anything' };
const EMPTY: Shape = { kind: 'object', members: {} };
const FAILURE: Shape = { kind: 'object', members: { Error: { kind: 'string' } } };

/** What a task may read of the context object. */
const CONTEXT = ['$$.State.EnteredTime', '$$.State.Name', '$$.State.RetryCount', '$$.Execution.Id', '$$.Execution.StartTime', '$$.Execution.RedriveCount', '$$.Execution.Input', '$$.Task.Token', '$$.StateMachine.Id'];

/** The shape of a value that is known. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return { kind: 'null' };
  if (Array.isArray(value)) return { kind: 'list', items: value.map(shapeOf) };
  if (typeof value === 'object') return { kind: 'object', members: mapValues(value as Record<string, unknown>, shapeOf) };
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return { kind: typeof value as 'boolean' | 'number' | 'string' };
  throw new Error(`a state holds JSON, got ${typeof value}`);
}

/** What a path finds in a value of this shape; undefined where that is not certain. */
export function at(shape: Shape, path: string): Shape | undefined {
  return stepsOf(path).reduce<Shape | undefined>((found, step) => {
    if (found?.kind === 'object') return found.members[step];
    return found?.kind === 'list' ? found.items[Number(step)] : undefined;
  }, shape);
}

/** What the walk over a definition has found. */
export interface DataFlow {
  /** Every reading that may find nothing, or nothing of its kind. */
  readonly problems: readonly string[];
  /** What each state is certain to get; only states that can be reached. */
  readonly inputs: ReadonlyMap<string, Shape>;
  /** What the execution ends with, whichever way it took. */
  readonly output: Shape | undefined;
}

/**
 * Walks over all ways through a definition, from an input of which nothing is certain, and holds every path against what must be there.
 *
 * @param resultOf what the task behind a resource returns at the least.
 */
export function dataFlowOf(definition: ScopeJson, resultOf: (resource: string | undefined) => Shape): DataFlow {
  const walk = new Walk(resultOf);
  const output = walk.through(definition, ANYTHING);
  return { problems: [...walk.problems], inputs: walk.inputs, output };
}

class Walk {
  public readonly problems = new Set<string>();
  public readonly inputs = new Map<string, Shape>();

  constructor(private readonly resultOf: (resource: string | undefined) => Shape) {}

  /** What the scope ends with. Where ways meet, only what is certain on both stays; so it is repeated until nothing gets less any more. */
  public through(scope: ScopeJson, input: Shape): Shape | undefined {
    let output: Shape | undefined;
    const open = [{ to: scope.StartAt, shape: input }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { to, shape } = next;
      const known = this.inputs.get(to);
      const both = known === undefined ? shape : common(known, shape);
      if (known !== undefined && JSON.stringify(both) === JSON.stringify(known)) continue;
      this.inputs.set(to, both);
      const state = scope.States[to];
      if (state === undefined) throw new Error(`there is no state '${to}'`);
      for (const way of this.ways(to, state, both)) {
        if (way.to === undefined) output = output === undefined ? way.shape : common(output, way.shape);
        else open.push({ to: way.to, shape: way.shape });
      }
    }
    return output;
  }

  /** Where a state leads to, and with what; nowhere where the scope ends. */
  private ways(name: string, state: StateJson, input: Shape): { to?: string; shape: Shape }[] {
    const effective = this.read(name, input, state.InputPath ?? '$');
    const out = (shape: Shape) => this.read(name, shape, state.OutputPath ?? '$');
    const goesOn = (result: Shape) => {
      const selected = state.ResultSelector === undefined ? result : this.template(name, state.ResultSelector, result);
      return { to: state.Next, shape: out(this.put(name, input, state.ResultPath, selected)) };
    };
    const fails = (state.Catch ?? []).map(({ Next, ResultPath }) => ({ to: Next, shape: this.put(name, input, ResultPath, FAILURE) }));
    switch (state.Type) {
      case 'Task':
        this.template(name, state.Parameters, effective);
        return [goesOn(this.resultOf(state.Resource)), ...fails];
      case 'Pass':
        return [goesOn(state.Result === undefined ? this.template(name, state.Parameters, effective) : shapeOf(state.Result))];
      case 'Parallel':
        return [goesOn({ kind: 'list', items: (state.Branches ?? []).map((branch) => this.through(branch, effective) ?? ANYTHING) }), ...fails];
      case 'Choice':
        (state.Choices ?? []).forEach((rule) => this.condition(name, rule, effective));
        return [...(state.Choices ?? []).map(({ Next }) => Next), state.Default].filter((to) => to !== undefined).map((to) => ({ to, shape: out(effective) }));
      case 'Wait':
        if (this.read(name, effective, state.SecondsPath ?? '').kind !== 'number') this.problem(name, `SecondsPath ${state.SecondsPath} may not be a number`);
        return [{ to: state.Next, shape: out(effective) }];
      case 'Succeed':
        return [{ shape: out(effective) }];
      default:
        throw new Error(`there should be no state of type '${state.Type}', but '${name}' is one`);
    }
  }

  private condition(name: string, rule: ConditionJson, input: Shape): void {
    for (const { Variable, ...operators } of testsOf(rule)) {
      const found = this.read(name, input, Variable ?? '');
      for (const [operator, kind] of [['BooleanEquals', 'boolean'], ['StringEquals', 'string'], ['NumericEquals', 'number']]) {
        if (operator !== undefined && operator in operators && found.kind !== kind) this.problem(name, `${Variable} may not be a ${kind}`);
      }
    }
  }

  /** What `Parameters` or `ResultSelector` makes of a value. */
  private template(name: string, template: unknown, input: Shape): Shape {
    if (template === undefined) return input;
    if (Array.isArray(template)) return { kind: 'list', items: template.map((item) => this.template(name, item, input)) };
    if (typeof template !== 'object' || template === null) return shapeOf(template);
    return { kind: 'object', members: Object.fromEntries(Object.entries(template).map(([key, value]) => (
      key.endsWith('.$') ? [key.slice(0, -2), this.expression(name, input, String(value))] : [key, this.template(name, value, input)]
    ))) };
  }

  /** A path, or an intrinsic function of which the paths have to be there. */
  private expression(name: string, input: Shape, text: string): Shape {
    if (!text.startsWith('States.')) return this.read(name, input, text);
    // texts between apostrophes are no paths.
    for (const [path] of text.replaceAll(/'(?:[^'\\]|\\.)*'/g, '').matchAll(/\$[\w.[\]$]*/g)) this.read(name, input, path);
    return ANYTHING;
  }

  private read(name: string, shape: Shape, path: string): Shape {
    if (path.startsWith('$$')) {
      if (!CONTEXT.includes(path)) this.problem(name, `${path} is not in the context object`);
      return ANYTHING;
    }
    const found = at(shape, path);
    if (found === undefined) this.problem(name, `${path} may not be there`);
    return found ?? ANYTHING;
  }

  /** The value with a result in it, as ResultPath says; null discards the result. */
  private put(name: string, shape: Shape, path: string | null | undefined, result: Shape): Shape {
    if (path === null) return shape;
    const put = (within: Shape, [step, ...deeper]: readonly string[]): Shape => {
      if (step === undefined) return result;
      if (within.kind === 'object') return { kind: 'object', members: { ...within.members, [step]: put(within.members[step] ?? EMPTY, deeper) } };
      this.problem(name, `ResultPath ${path} may meet something that is not an object`);
      return within;
    };
    return put(shape, stepsOf(path ?? '$'));
  }

  private problem(name: string, what: string): void {
    this.problems.add(`${name}: ${what}`);
  }
}

/** What is certain of a value that has either shape. */
function common(one: Shape, other: Shape): Shape {
  if (one.kind === 'object' && other.kind === 'object') {
    const shared = Object.entries(one.members).filter(([key]) => key in other.members);
    return { kind: 'object', members: Object.fromEntries(shared.map(([key, value]) => [key, common(value, other.members[key] ?? ANYTHING)])) };
  }
  if (one.kind === 'list' && other.kind === 'list' && one.items.length === other.items.length) {
    return { kind: 'list', items: one.items.map((item, index) => common(item, other.items[index] ?? ANYTHING)) };
  }
  return one.kind === other.kind && one.kind !== 'list' ? one : ANYTHING;
}

/** `$.a.b[0]` has the steps a, b, 0. */
function stepsOf(path: string): string[] {
  if (!/^\$(?:\.[A-Za-z]\w*|\[\d+\])*$/.test(path)) throw new Error(`the walk knows paths like $.a.b[0], got '${path}'`);
  return [...path.matchAll(/\.([A-Za-z]\w*)|\[(\d+)\]/g)].map(([, member, index]) => member ?? index ?? '');
}

function mapValues<From, To>(object: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
