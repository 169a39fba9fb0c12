import { isObject, type JsonObject, listOf } from './json';

/** A statement of an identity-based IAM policy. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  /** Values by condition key by operator. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The values of condition keys in a request, for example `{ 'aws:RequestTag/pipeline': 'orders' }`; names in any case. */
export type RequestContext = Readonly<Record<string, string>>;

/**
 * Whether a role with these statements may do something, as IAM decides it: at least one statement allows it and none denies it.
 *
 * @param action the service's prefix and the operation, for example `rds:CreateBlueGreenDeployment`.
 * @param resource the ARN the action works on, or `*` for an action that knows no resources.
 * @param context what the request says about itself; a key that is absent fulfils no condition.
 * @throws Error where a statement uses something this evaluator does not know, whether or not it would decide.
 */
export function isAllowed(statements: readonly PolicyStatement[], action: string, resource: string, context: RequestContext = {}): boolean {
  statements.forEach(refuseUnknown);
  const matching = statements.filter((statement) => matches(statement, action, resource, context));
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny');
}

type Comparison = (actual: string, expected: string) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
  ArnEquals: matchesArnCondition,
  ArnLike: matchesArnCondition,
  StringEquals: (actual, expected) => actual === expected,
  StringLike: (actual, expected) => wildcard(expected).test(actual),
};

const members: ReadonlySet<string> = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

function refuseUnknown(statement: PolicyStatement): void {
  const refuse = (problem: string): never => {
    throw new Error(`cannot evaluate the policy statement ${JSON.stringify(statement)}: ${problem}`);
  };
  const unknown = Object.keys(statement).filter((member) => !members.has(member));
  if (unknown.length > 0) refuse(`'${unknown.join(', ')}' is unknown in an identity-based policy`);
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') refuse('\'Effect\' should be Allow or Deny');
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) refuse('it should have either Action or NotAction');
  if ((statement.Resource === undefined) === (statement.NotResource === undefined)) refuse('it should have either Resource or NotResource');
  const operators = Object.keys(statement.Condition ?? {}).filter((operator) => !Object.hasOwn(comparisons, operator));
  if (operators.length > 0) refuse(`the condition operator '${operators.join(', ')}' is unknown to the rehearsal`);
  if (/\$\{[^}]*\}/.test(JSON.stringify([statement.Resource, statement.NotResource, statement.Condition]))) {
    refuse('policy variables are unknown to the rehearsal');
  }
}

function matches(statement: PolicyStatement, action: string, resource: string, context: RequestContext): boolean {
  const matchesAction = (pattern: unknown) => wildcard(String(pattern).toLowerCase()).test(action.toLowerCase());
  const matchesResource = (pattern: unknown) => resourcePattern(String(pattern)).test(resource);
  return (statement.Action === undefined ? !listOf(statement.NotAction).some(matchesAction) : listOf(statement.Action).some(matchesAction))
    && (statement.Resource === undefined ? !listOf(statement.NotResource).some(matchesResource) : listOf(statement.Resource).some(matchesResource))
    && fulfils(statement.Condition ?? {}, context);
}

// every key of every operator must be fulfilled, by one of its values.
function fulfils(condition: JsonObject, context: RequestContext): boolean {
  const actual = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(condition).every(([operator, keys]) => Object.entries(isObject(keys) ? keys : {}).every(([key, expected]) => {
    const value = actual.get(key.toLowerCase());
    return value !== undefined && listOf(expected).some((candidate) => comparisons[operator]?.(value, String(candidate)));
  }));
}

// within an ARN a wildcard stays inside its segment, except a '*' at the segment's end, which goes beyond the colon.
function resourcePattern(pattern: string): RegExp {
  return wildcard(pattern, true);
}

// the conditions ArnEquals and ArnLike behave alike: each of the six parts is compared by itself.
function matchesArnCondition(actual: string, expected: string): boolean {
  const [actualParts, expectedParts] = [arnParts(actual), arnParts(expected)];
  return actualParts.length === 6 && expectedParts.length === 6
    && expectedParts.every((part, i) => wildcard(part).test(actualParts[i] ?? ''));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
}

function wildcard(pattern: string, segments = false): RegExp {
  const source = pattern.split('').map((character, i) => {
    if (character === '?') return segments ? '[^:]' : '.';
    if (character === '*') return segments && ![undefined, ':'].includes(pattern[i + 1]) ? '[^:]*' : '.*';
    return character.replace(/[\\^$.|+()[\]{}]/, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, 's');
}
