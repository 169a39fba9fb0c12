import { randomUUID } from 'node:crypto';
import { StatesError, TaskError } from './errors';
import { isObject } from './json';
import { Path, type PathRoots } from './path';

/** A value computed from paths: what stands behind a key that ends in `.$`. */
export interface Expression {
  evaluate(roots: PathRoots, field: string): unknown;
}

/** Intrinsic functions may be nested ten deep (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html). */
const MAX_NESTING = 10;

const INT32 = 2_147_483_647;

interface Argument {
  readonly value: unknown;
  /** The text between the apostrophes of a literal, escapes included; States.Format must tell `{}` from `\{\}`. */
  readonly literal?: string;
}

interface Intrinsic {
  readonly minimum: number;
  readonly maximum: number;
  call(args: readonly Argument[]): unknown;
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': { minimum: 0, maximum: Infinity, call: (args) => args.map((argument) => argument.value) },
  'States.ArrayGetItem': { minimum: 2, maximum: 2, call: ([array, index]) => itemOf(array?.value, index?.value) },
  'States.ArrayLength': { minimum: 1, maximum: 1, call: ([array]) => arrayOf(array?.value, 'States.ArrayLength').length },
  'States.Format': { minimum: 1, maximum: Infinity, call: format },
  'States.JsonMerge': { minimum: 3, maximum: 3, call: merge },
  'States.JsonToString': { minimum: 1, maximum: 1, call: ([value]) => JSON.stringify(value?.value) },
  'States.MathAdd': { minimum: 2, maximum: 2, call: ([left, right]) => add(left?.value, right?.value) },
  'States.StringToJson': { minimum: 1, maximum: 1, call: ([text]) => parseJson(text?.value) },
  'States.UUID': { minimum: 0, maximum: 0, call: () => randomUUID() },
};

/** Reads a path or a call of an intrinsic function, or throws an Error that says what is wrong with it. */
export function parseExpression(text: string): Expression {
  if (text.startsWith('$')) return pathExpression(Path.parse(text));
  return new IntrinsicParser(text).parse();
}

function pathExpression(path: Path): Expression {
  return { evaluate: (roots, field) => path.get(roots, field) };
}

/** Reads `States.Name(argument, …)`; arguments are paths, literals and further calls. */
class IntrinsicParser {
  private position = 0;

  constructor(private readonly text: string) {}

  public parse(): Expression {
    const call = this.call(1);
    if (this.position < this.text.length) throw this.unexpected();
    return call;
  }

  private call(depth: number): Expression {
    const name = this.take(/[A-Za-z0-9._]+/y);
    if (name === undefined) throw this.unexpected();
    const intrinsic = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
    if (!intrinsic) throw new Error(`'${this.text}': this interpreter knows no intrinsic function '${name}'`);
    if (depth > MAX_NESTING) throw new Error(`'${this.text}': intrinsic functions are nested more than ${MAX_NESTING} deep`);
    const args = this.args(depth);
    if (args.length < intrinsic.minimum || args.length > intrinsic.maximum) {
      throw new Error(`'${this.text}': ${name} cannot have ${args.length} argument(s)`);
    }
    return { evaluate: (roots, field) => intrinsic.call(args.map((argument) => argument(roots, field))) };
  }

  private args(depth: number): ((roots: PathRoots, field: string) => Argument)[] {
    const args: ((roots: PathRoots, field: string) => Argument)[] = [];
    if (this.take(/\(\s*/y) === undefined) throw this.unexpected();
    if (this.take(/\)/y) !== undefined) return args;
    for (;;) {
      args.push(this.argument(depth));
      if (this.take(/\s*,\s*/y) !== undefined) continue;
      if (this.take(/\s*\)/y) !== undefined) return args;
      throw this.unexpected();
    }
  }

  private argument(depth: number): (roots: PathRoots, field: string) => Argument {
    const quoted = this.take(/'(?:[^'\\]|\\['{}\\])*'/y);
    if (quoted !== undefined) {
      const literal = quoted.slice(1, -1);
      return () => ({ value: unescape(literal), literal });
    }
    const constant = this.take(/(?:-?\d+(?:\.\d+)?|true|false|null)(?=\s*[,)])/y);
    if (constant !== undefined) {
      const value = JSON.parse(constant) as unknown;
      return () => ({ value });
    }
    // a path's own brackets may hold commas and parentheses.
    const path = this.take(/\$(?:\[[^\]]*\]|[^,()\s[\]])*/y);
    const expression = path === undefined ? this.call(depth + 1) : pathExpression(Path.parse(path));
    return (roots, field) => ({ value: expression.evaluate(roots, field) });
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.position += match[0].length;
    return match[0];
  }

  private unexpected(): Error {
    return new Error(`'${this.text}' is neither a path nor a call of an intrinsic function: it stops at '${this.text.slice(this.position)}'`);
  }
}

function unescape(literal: string): string {
  return literal.replace(/\\(.)/g, '$1');
}

function format([template, ...values]: readonly Argument[]): string {
  const parts = template?.literal === undefined
    ? textOf(template?.value, 'States.Format').split('{}')
    : splitLiteral(template.literal);
  if (parts.length - 1 !== values.length) {
    throw failure(`States.Format has ${parts.length - 1} placeholder(s), but ${values.length} value(s)`);
  }
  return parts.map((part, index) => (index === 0 ? part : scalarText(values[index - 1]?.value) + part)).join('');
}

/** The unescaped texts between the `{}` of a literal template; an escaped brace is text. */
function splitLiteral(literal: string): string[] {
  const parts = [''];
  for (const token of literal.match(/\\.|\{\}|[^]/gu) ?? []) {
    if (token === '{}') parts.push('');
    else parts.push((parts.pop() ?? '') + unescape(token));
  }
  return parts;
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) throw failure('States.Format takes no object and no array: wrap it in States.JsonToString');
  return String(value);
}

function merge([left, right, deep]: readonly Argument[]): unknown {
  if (deep?.value !== false) throw failure('the third argument of States.JsonMerge has to be false: deep merging is not supported');
  if (!isObject(left?.value) || !isObject(right?.value)) throw failure('States.JsonMerge takes two objects');
  return { ...left.value, ...right.value };
}

function add(left: unknown, right: unknown): number {
  const [a, b] = [int32Of(left), int32Of(right)];
  return a + b;
}

function int32Of(value: unknown): number {
  // a value with a fraction is rounded to the nearest integer (page of the intrinsic functions, States.MathAdd).
  const rounded = typeof value === 'number' ? Math.round(value) : NaN;
  if (!(rounded >= -INT32 - 1 && rounded <= INT32)) throw failure(`States.MathAdd takes numbers from -2147483648 to 2147483647, got ${JSON.stringify(value)}`);
  return rounded;
}

function itemOf(array: unknown, index: unknown): unknown {
  const items = arrayOf(array, 'States.ArrayGetItem');
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= items.length) {
    throw failure(`States.ArrayGetItem: the array has ${items.length} item(s), none at index ${JSON.stringify(index)}`);
  }
  return items[index];
}

function parseJson(value: unknown): unknown {
  const text = textOf(value, 'States.StringToJson');
  try {
    return JSON.parse(text);
  } catch {
    throw failure(`States.StringToJson: this is not JSON: ${text.slice(0, 200)}`);
  }
}

function arrayOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw failure(`${name} takes an array, got ${JSON.stringify(value).slice(0, 200)}`);
  return value;
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw failure(`${name} takes a string, got ${JSON.stringify(value).slice(0, 200)}`);
  return value;
}

function failure(cause: string): TaskError {
  return new TaskError(StatesError.INTRINSIC_FAILURE, cause);
}
