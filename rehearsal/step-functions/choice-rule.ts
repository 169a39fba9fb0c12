import { type Fields } from './fields';
import { Path, type PathRoots } from './path';
import { parseTimestamp } from './timestamp';

/**
 * A Choice state's condition. The answers are those of https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html and
 * of the States Language specification: values that are not both of the operator's type compare as false; a `Variable` or
 * `…Path` that finds nothing is States.Runtime, except for `IsPresent`.
 */
export interface Condition {
  holds(roots: PathRoots): boolean;
}

const NEVER: Condition = { holds: () => false };

type Comparison = (left: number | string | boolean, right: number | string | boolean) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => left >= right,
};

/** How each type's values are told from others, and made comparable. */
const TYPES: Readonly<Record<string, (value: unknown) => number | string | boolean | undefined>> = {
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  String: (value) => (typeof value === 'string' ? value : undefined),
  Timestamp: parseTimestamp,
};

const IS_TESTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsBoolean: (value) => typeof value === 'boolean',
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsTimestamp: (value) => parseTimestamp(value) !== undefined,
};

const OPERATOR = /^(Boolean(?=Equals)|Numeric|String|Timestamp)(Equals|(?:LessThan|GreaterThan)(?:Equals)?)(Path)?$/;

/** Reads a rule's condition; `inner` makes the Fields of a rule within And, Or and Not. Wrong fields are reported and never hold. */
export function readCondition(rule: Fields, operators: readonly string[], inner: (value: unknown) => Condition): Condition {
  const [operator, ...others] = operators;
  if (operator === undefined || others.length > 0) {
    rule.report(`exactly one comparison is needed, got ${operators.length === 0 ? 'none' : operators.join(', ')}`);
    [...operators, 'Variable'].forEach((name) => rule.take(name));
    return NEVER;
  }
  if (operator === 'And' || operator === 'Or') {
    const parts = rule.list(operator).map(inner);
    if (parts.length === 0) rule.report(`'${operator}' has to be a list of rules that is not empty`);
    return operator === 'And'
      ? { holds: (roots) => parts.every((part) => part.holds(roots)) }
      : { holds: (roots) => parts.some((part) => part.holds(roots)) };
  }
  if (operator === 'Not') {
    const part = inner(rule.take(operator));
    return { holds: (roots) => !part.holds(roots) };
  }
  if (!rule.has('Variable')) rule.report(`'Variable' is missing`);
  const variable = rule.parsed('Variable', (text) => Path.parseReference(text));
  if (variable !== undefined) return readDataTest(rule, operator, variable);
  rule.take(operator);
  return NEVER;
}

/** Whether a rule's field is a comparison. */
export function isOperator(field: string): boolean {
  return ['And', 'Or', 'Not', 'IsPresent', 'StringMatches'].includes(field) || Object.hasOwn(IS_TESTS, field) || OPERATOR.test(field);
}

function readDataTest(rule: Fields, operator: string, variable: Path): Condition {
  if (operator === 'IsPresent') {
    const expected = readBoolean(rule, operator);
    return { holds: (roots) => variable.find(roots).found === expected };
  }
  const test = IS_TESTS[operator];
  if (test) {
    const expected = readBoolean(rule, operator);
    return { holds: (roots) => test(variable.get(roots, 'Variable')) === expected };
  }
  if (operator === 'StringMatches') {
    const pattern = rule.parsed(operator, wildcard);
    return { holds: (roots) => matches(pattern, variable.get(roots, 'Variable')) };
  }
  return readComparison(rule, operator, variable);
}

function readComparison(rule: Fields, operator: string, variable: Path): Condition {
  const [, type = '', comparison = '', path] = OPERATOR.exec(operator) ?? [];
  const [typed, compare] = [TYPES[type], COMPARISONS[comparison]];
  if (!typed || !compare) return NEVER;
  const otherPath = path ? rule.parsed(operator, (text) => Path.parseReference(text)) : undefined;
  const literal = path ? undefined : rule.take(operator);
  if (!path && typed(literal) === undefined) rule.report(`'${operator}' needs a value of its type, got ${JSON.stringify(literal)}`);
  return {
    holds: (roots) => {
      const left = typed(variable.get(roots, 'Variable'));
      const right = typed(otherPath ? otherPath.get(roots, operator) : literal);
      return left !== undefined && right !== undefined && compare(left, right);
    },
  };
}

function readBoolean(rule: Fields, operator: string): boolean | undefined {
  const value = rule.take(operator);
  if (typeof value === 'boolean') return value;
  rule.report(`'${operator}' has to be true or false, got ${JSON.stringify(value)}`);
  return undefined;
}

/** `*` stands for any characters, `\*` for an asterisk and `\\` for a backslash. */
function wildcard(pattern: string): RegExp {
  if (/^(?:[^\\]|\\[\\*])*$/.test(pattern)) {
    const parts = pattern.match(/\\[\\*]|[^]/g) ?? [];
    return new RegExp(`^${parts.map((part) => (part === '*' ? '[^]*' : escape(part.length === 2 ? part.slice(1) : part))).join('')}$`);
  }
  throw new Error(`'${pattern}' has a backslash that escapes neither '*' nor '\\'`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function matches(pattern: RegExp | undefined, value: unknown): boolean {
  return pattern !== undefined && typeof value === 'string' && pattern.test(value);
}

