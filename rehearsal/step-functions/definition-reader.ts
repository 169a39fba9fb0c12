import { isOperator, readCondition, type Condition } from './choice-rule';
import {
  type Catcher, type ChoiceState, type Definition, type FailState, type ParallelState, type PassState, type Retriable, type Retrier, type State,
  type StateScope, type TaskState, type WaitState,
} from './definition';
import { StatesError } from './errors';
import { Fields } from './fields';
import { parseExpression, type Expression } from './intrinsics';
import { isObject, overTheWire } from './json';
import { MAX_DEFINITION_LENGTH, MAX_NAME_LENGTH, MAX_SECONDS } from './limits';
import { Path } from './path';
import { PayloadTemplate } from './payload-template';
import { ResultPath } from './result-path';
import { parseTimestamp } from './timestamp';
import { checkTransitions } from './transitions';

/**
 * Reads a definition, and refuses what AWS or this interpreter would not run as written: unknown fields and state types,
 * unresolved tokens, names that are too long or used twice, transitions to nowhere and states that nobody reaches.
 * @throws Error that lists every problem with the state's name
 */
export function readDefinition(value: unknown): Definition {
  const reader = new DefinitionReader();
  const definition = reader.read(overTheWire(value));
  if (reader.problems.length > 0) {
    throw new Error(`this state machine definition cannot be run:\n${reader.problems.map((problem) => `- ${problem}`).join('\n')}`);
  }
  return definition;
}

const ROOT = Path.parse('$');

class DefinitionReader {
  public readonly problems: string[] = [];
  private readonly names = new Set<string>();

  public read(value: unknown): Definition {
    const where = 'the definition';
    const fields = this.fieldsOf(value, where);
    this.checkText(JSON.stringify(value));
    const version = fields.text('Version');
    if (version !== undefined && version !== '1.0') fields.report(`'Version' has to be '1.0', got '${version}'`);
    const timeoutSeconds = fields.integer('TimeoutSeconds', 1, MAX_SECONDS);
    return { ...this.scope(fields, where), timeoutSeconds };
  }

  private checkText(text: string): void {
    if (text.length > MAX_DEFINITION_LENGTH) this.problems.push(`the definition has ${text.length} characters, more than ${MAX_DEFINITION_LENGTH}`);
    for (const token of new Set(text.match(/\$\{Token\[[^\]]*\]\}?/g))) {
      this.problems.push(`the definition has the unresolved token '${token}': resolve it (synthesize the app) before it is run`);
    }
  }

  private scope(fields: Fields, where: string): StateScope {
    common(fields);
    const startAt = fields.requiredText('StartAt');
    const states = new Map<string, State>();
    const object = fields.take('States');
    if (!isObject(object)) fields.report(`'States' has to be an object of states`);
    fields.done();
    for (const [name, value] of Object.entries(isObject(object) ? object : {})) {
      const state = this.state(name, value);
      if (state) states.set(name, state);
    }
    const known = new Set(Object.keys(isObject(object) ? object : {}));
    checkTransitions({ startAt, states }, known, where, this.problems);
    return { startAt, states };
  }

  private state(name: string, value: unknown): State | undefined {
    const fields = this.fieldsOf(value, `state '${name}'`);
    if (name.length > MAX_NAME_LENGTH) fields.report(`its name has ${name.length} characters, more than ${MAX_NAME_LENGTH}`);
    if (this.names.has(name)) fields.report('another state of this state machine has the same name');
    this.names.add(name);
    const type = fields.requiredText('Type');
    common(fields);
    const state = this.stateOfType(type, name, fields);
    if (state) fields.done();
    return state;
  }

  private stateOfType(type: string, name: string, fields: Fields): State | undefined {
    switch (type) {
      case 'Pass': return this.pass(name, fields);
      case 'Task': return this.task(name, fields);
      case 'Choice': return this.choice(name, fields);
      case 'Wait': return this.wait(name, fields);
      case 'Succeed': return { type, name, ...paths(fields) };
      case 'Fail': return fail(name, fields);
      case 'Parallel': return this.parallel(name, fields);
      default:
        fields.report(`this interpreter does not know the state type '${type}'`);
        return undefined;
    }
  }

  private pass(name: string, fields: Fields): PassState {
    const result = fields.has('Result') ? { value: fields.take('Result') } : undefined;
    return { type: 'Pass', name, ...paths(fields), ...next(fields), parameters: template(fields, 'Parameters'), result, resultPath: resultPath(fields) };
  }

  private task(name: string, fields: Fields): TaskState {
    const timeout = seconds(fields, 'TimeoutSeconds');
    const heartbeat = seconds(fields, 'HeartbeatSeconds');
    if (typeof heartbeat === 'number' && typeof timeout === 'number' && heartbeat >= timeout) {
      fields.report(`'HeartbeatSeconds' (${heartbeat}) has to be below 'TimeoutSeconds' (${timeout})`);
    }
    return { type: 'Task', ...this.retriable(name, fields), resource: fields.requiredText('Resource'), timeout, heartbeat };
  }

  private parallel(name: string, fields: Fields): ParallelState {
    const branches = fields.list('Branches').map((branch, index) => {
      const where = `branch ${index} of state '${name}'`;
      return this.scope(this.fieldsOf(branch, where), where);
    });
    if (branches.length === 0) fields.report(`'Branches' has to be a list of branches that is not empty`);
    return { type: 'Parallel', ...this.retriable(name, fields), branches };
  }

  private retriable(name: string, fields: Fields): Retriable {
    return {
      name,
      ...paths(fields),
      ...next(fields),
      parameters: template(fields, 'Parameters'),
      resultSelector: template(fields, 'ResultSelector'),
      resultPath: resultPath(fields),
      retry: this.handlers(name, fields, 'Retry', retrier),
      catch: this.handlers(name, fields, 'Catch', catcher),
    };
  }

  private handlers<T>(name: string, fields: Fields, field: string, read: (element: Fields, errorEquals: readonly string[]) => T): readonly T[] {
    const elements = fields.list(field);
    return elements.map((element, index) => {
      const inner = this.fieldsOf(element, `state '${name}', ${field}[${index}]`);
      const errorEquals = inner.list('ErrorEquals').filter((error) => typeof error === 'string');
      if (errorEquals.length === 0) inner.report(`'ErrorEquals' has to be a list of error names that is not empty`);
      if (errorEquals.includes(StatesError.ALL) && (errorEquals.length > 1 || index < elements.length - 1)) {
        inner.report(`'${StatesError.ALL}' has to stand alone, in the last element of '${field}'`);
      }
      inner.text('Comment');
      const handler = read(inner, errorEquals);
      inner.done();
      return handler;
    });
  }

  private choice(name: string, fields: Fields): ChoiceState {
    const choices = fields.list('Choices').map((value, index) => {
      const where = `state '${name}', Choices[${index}]`;
      const rule = this.fieldsOf(value, where);
      const to = rule.requiredText('Next');
      return { condition: this.condition(value, rule, where), next: to };
    });
    if (choices.length === 0) fields.report(`'Choices' has to be a list of rules that is not empty`);
    return { type: 'Choice', name, ...paths(fields), choices, byDefault: fields.text('Default') };
  }

  private condition(value: unknown, rule: Fields, where: string): Condition {
    const operators = isObject(value) ? Object.keys(value).filter(isOperator) : [];
    rule.text('Comment');
    const condition = readCondition(rule, operators, (inner) => this.condition(inner, this.fieldsOf(inner, `${where}, ${operators[0]}`), where));
    rule.done();
    return condition;
  }

  private wait(name: string, fields: Fields): WaitState {
    const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((field) => fields.has(field));
    if (given.length !== 1) fields.report(`exactly one of Seconds, SecondsPath, Timestamp and TimestampPath is needed, got ${given.join(', ') || 'none'}`);
    const reference = (field: string) => fields.parsed(field, (text) => Path.parseReference(text));
    const fixed = fields.integer('Seconds', 0, MAX_SECONDS);
    const duration = fixed ?? reference('SecondsPath');
    const fixedTimestamp = fields.text('Timestamp');
    if (fixedTimestamp !== undefined && parseTimestamp(fixedTimestamp) === undefined) {
      fields.report(`'Timestamp' has to be like 2024-08-18T17:33:00Z, got '${fixedTimestamp}'`);
    }
    const timestamp = fixedTimestamp ?? reference('TimestampPath');
    const until = timestamp === undefined ? { seconds: duration ?? 0 } : { timestamp };
    return { type: 'Wait', name, ...paths(fields), ...next(fields), until };
  }

  private fieldsOf(value: unknown, where: string): Fields {
    if (!isObject(value)) this.problems.push(`${where}: it has to be an object, got ${JSON.stringify(value)}`);
    return new Fields(isObject(value) ? value : {}, where, this.problems);
  }
}

/** `Comment` and the one query language there is here may stand in the machine, in branches and in states. */
function common(fields: Fields): void {
  fields.text('Comment');
  const language = fields.text('QueryLanguage');
  if (language !== undefined && language !== 'JSONPath') fields.report(`this interpreter knows the query language JSONPath only, got '${language}'`);
}

function paths(fields: Fields): { inputPath: Path | null; outputPath: Path | null } {
  return {
    inputPath: fields.parsedOrNull('InputPath', ROOT, (text) => Path.parse(text)),
    outputPath: fields.parsedOrNull('OutputPath', ROOT, (text) => Path.parse(text)),
  };
}

function resultPath(fields: Fields): ResultPath | null {
  return fields.parsedOrNull('ResultPath', ResultPath.DEFAULT, (text) => ResultPath.parse(text));
}

function next(fields: Fields): { next?: string } {
  const to = fields.text('Next');
  const end = fields.take('End');
  if ((to === undefined) === (end !== true)) fields.report(`exactly one of 'Next' and 'End': true is needed`);
  return { next: to };
}

function template(fields: Fields, name: string): PayloadTemplate | undefined {
  if (!fields.has(name)) return undefined;
  const value = fields.take(name);
  if (!isObject(value)) fields.report(`'${name}' has to be an object, got ${JSON.stringify(value)}`);
  return PayloadTemplate.parse(value, name, (problem) => fields.report(problem));
}

function seconds(fields: Fields, name: string): number | Path | undefined {
  if (fields.has(name) && fields.has(`${name}Path`)) fields.report(`'${name}' and '${name}Path' exclude each other`);
  return fields.integer(name, 1, MAX_SECONDS) ?? fields.parsed(`${name}Path`, (text) => Path.parseReference(text));
}

function retrier(fields: Fields, errorEquals: readonly string[]): Retrier {
  const backoff = fields.take('BackoffRate') ?? 2;
  if (typeof backoff !== 'number' || backoff < 1) fields.report(`'BackoffRate' has to be a number of at least 1, got ${JSON.stringify(backoff)}`);
  // the longest interval is taken instead of a random one: a rehearsal has to run the same way twice.
  const jitter = fields.text('JitterStrategy') ?? 'NONE';
  if (jitter !== 'NONE' && jitter !== 'FULL') fields.report(`'JitterStrategy' has to be FULL or NONE, got '${jitter}'`);
  return {
    errorEquals,
    intervalSeconds: fields.integer('IntervalSeconds', 1, MAX_SECONDS) ?? 1,
    maxAttempts: fields.integer('MaxAttempts', 0, MAX_SECONDS) ?? 3,
    backoffRate: typeof backoff === 'number' ? backoff : 2,
    maxDelaySeconds: fields.integer('MaxDelaySeconds', 1, 31_622_400) ?? Infinity,
  };
}

function catcher(fields: Fields, errorEquals: readonly string[]): Catcher {
  return { errorEquals, next: fields.requiredText('Next'), resultPath: resultPath(fields) };
}

function fail(name: string, fields: Fields): FailState {
  return { type: 'Fail', name, error: failText(fields, 'Error'), cause: failText(fields, 'Cause') };
}

function failText(fields: Fields, name: string): string | Expression | undefined {
  if (fields.has(name) && fields.has(`${name}Path`)) fields.report(`'${name}' and '${name}Path' exclude each other`);
  return fields.text(name) ?? fields.parsed(`${name}Path`, parseExpression);
}
