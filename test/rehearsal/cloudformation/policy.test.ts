import { isAllowed, type PolicyStatement } from '../../../rehearsal/cloudformation/policy';

const account = 'arn:aws:rds:eu-central-1:123456789012';
const allow = (more: Partial<PolicyStatement>): PolicyStatement => ({ Effect: 'Allow', Action: 'rds:DescribeDBClusters', Resource: '*', ...more });
const unknown = (more: object) => allow(more as Partial<PolicyStatement>);

describe('actions', () => {
  test.each([
    ['rds:DescribeDBClusters', 'rds:DescribeDBClusters', true],
    ['rds:describedbclusters', 'rds:DescribeDBClusters', true],
    ['rds:Describe*', 'rds:DescribeDBClusters', true],
    ['rds:DescribeDBCluster?', 'rds:DescribeDBClusters', true],
    ['*', 'rds:DescribeDBClusters', true],
    ['rds:Describe', 'rds:DescribeDBClusters', false],
    ['rds:DescribeDB.lusters', 'rds:DescribeDBClusters', false],
    ['ec2:*', 'rds:DescribeDBClusters', false],
  ])('%s against %s: %s', (Action, action, expected) => {
    expect(isAllowed([allow({ Action })], action, '*')).toBe(expected);
  });

  test('NotAction allows the others', () => {
    const statement: PolicyStatement = { Effect: 'Allow', NotAction: ['rds:Delete*'], Resource: '*' };
    expect(isAllowed([statement], 'rds:DescribeDBClusters', '*')).toBe(true);
    expect(isAllowed([statement], 'rds:DeleteDBCluster', '*')).toBe(false);
  });
});

describe('resources', () => {
  test.each([
    [`${account}:cluster:prod`, `${account}:cluster:prod`, true],
    [`${account}:cluster:prod`, `${account}:cluster:Prod`, false],
    [`${account}:cluster:prod*`, `${account}:cluster:prod-green-abc123`, true],
    [`${account}:cluster:*prod`, `${account}:cluster:my:prod`, false],
    [`${account}:*`, `${account}:cluster:prod`, true],
    ['arn:aws:rds:*:123456789012:cluster:prod', `${account}:cluster:prod`, true],
    ['arn:aws:secretsmanager:r:a:secret:login-??????', 'arn:aws:secretsmanager:r:a:secret:login-aBc123', true],
    ['arn:aws:secretsmanager:r:a:secret:login-??????', 'arn:aws:secretsmanager:r:a:secret:login', false],
    [`${account}:deployment:*`, '*', false],
    ['*', '*', true],
  ])('%s against %s: %s', (Resource, resource, expected) => {
    expect(isAllowed([allow({ Resource })], 'rds:DescribeDBClusters', resource)).toBe(expected);
  });

  test('NotResource allows the others', () => {
    const statement: PolicyStatement = { Effect: 'Allow', Action: 'rds:*', NotResource: `${account}:cluster:prod` };
    expect(isAllowed([statement], 'rds:DeleteDBCluster', `${account}:cluster:test`)).toBe(true);
    expect(isAllowed([statement], 'rds:DeleteDBCluster', `${account}:cluster:prod`)).toBe(false);
  });
});

describe('decisions', () => {
  test('nothing is allowed by default', () => {
    expect(isAllowed([], 'rds:DescribeDBClusters', '*')).toBe(false);
  });

  test('a denial wins', () => {
    const statements = [allow({ Action: 'rds:*' }), allow({ Effect: 'Deny', Action: 'rds:Delete*' })];
    expect(isAllowed(statements, 'rds:DescribeDBClusters', '*')).toBe(true);
    expect(isAllowed(statements, 'rds:DeleteDBCluster', '*')).toBe(false);
  });
});

describe('conditions', () => {
  const context = { 'aws:RequestTag/pipeline': 'orders', 'rds:cluster-arn': `${account}:cluster:prod` };

  test.each([
    [{ StringEquals: { 'aws:RequestTag/pipeline': 'orders' } }, true],
    [{ StringEquals: { 'AWS:requesttag/pipeline': ['other', 'orders'] } }, true],
    [{ StringEquals: { 'aws:RequestTag/pipeline': 'ord*' } }, false],
    [{ StringLike: { 'aws:RequestTag/pipeline': 'ord*' } }, true],
    [{ StringLike: { 'aws:RequestTag/absent': '*' } }, false],
    [{ ArnLike: { 'rds:cluster-arn': 'arn:aws:rds:*:*:cluster:p*' } }, true],
    [{ ArnEquals: { 'rds:cluster-arn': 'arn:aws:rds:*:cluster:p*' } }, false],
    [{ StringEquals: { 'aws:RequestTag/pipeline': 'orders' }, ArnLike: { 'rds:cluster-arn': 'arn:aws:rds:*:*:db:*' } }, false],
  ])('%j: %s', (Condition, expected) => {
    expect(isAllowed([allow({ Condition: Condition as unknown as PolicyStatement['Condition'] })], 'rds:DescribeDBClusters', '*', context)).toBe(expected);
  });
});

describe('what the evaluator does not know is refused, even where it would not decide', () => {
  test.each([
    ['a condition operator', { Condition: { NumericLessThan: { 'rds:Size': '1' } } }, /the condition operator 'NumericLessThan' is unknown/],
    ['a policy variable', { Resource: 'arn:aws:s3:::bucket/${aws:username}' }, /policy variables/],
    ['a principal', { Principal: '*' }, /'Principal' is unknown in an identity-based policy/],
    ['an effect', { Effect: 'allow' }, /Allow or Deny/],
    ['no action', { Action: undefined }, /either Action or NotAction/],
    ['two resources', { NotResource: '*' }, /either Resource or NotResource/],
  ])('%s', (_, more, message) => {
    expect(() => isAllowed([unknown(more)], 'ec2:RunInstances', '*')).toThrow(message);
  });
});
