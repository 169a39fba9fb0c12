import { Token } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DatabaseAccess } from '../../lib';
import { givenAccess, givenStack, givenVpc } from './stacks';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret';

describe('secret', () => {
  test.each(['rds!cluster-1', 'rds!db-1'])('fails for %s, which RDS manages', (name) => {
    const stack = givenStack();
    const secrets = [
      secretsmanager.Secret.fromSecretNameV2(stack, 'Named', name),
      secretsmanager.Secret.fromSecretCompleteArn(stack, 'Complete', `${ARN}:${name}-abcdef`),
      secretsmanager.Secret.fromSecretPartialArn(stack, 'Partial', `${ARN}:${name}`),
    ];
    for (const secret of secrets) {
      expect(() => DatabaseAccess.secret({ vpc: givenVpc(stack), secret }))
        .toThrow(/^'secret' should be one of your own, got '.*rds!.*', which RDS manages: .*--no-manage-master-user-password/);
    }
  });

  test('may be one whose name is known only at deployment', () => {
    const stack = givenStack();
    const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', Token.asString({ Ref: 'Arn' }));
    expect(() => DatabaseAccess.secret({ vpc: givenVpc(stack), secret })).not.toThrow();
  });
});

describe('user', () => {
  test.each(['', '*', 'app?', '${aws:username}', 'u'.repeat(33)])('fails for %p', (user) => {
    expect(() => DatabaseAccess.iam({ vpc: givenVpc(givenStack()), user }))
      .toThrow(`'user' should be the name of one MySQL user, 1 to 32 characters without '*', '?' and '$' (which would mean others in a policy), got '${user}'`);
  });

  test.each(['p', 'blue_green-pipeline.1', 'u'.repeat(32), Token.asString({ Ref: 'User' })])('may be %p', (user) => {
    expect(() => DatabaseAccess.iam({ vpc: givenVpc(givenStack()), user })).not.toThrow();
  });
});

describe('network', () => {
  test.each([0, 65_536, 3306.5, -1])('fails for port %d', (port) => {
    expect(() => givenAccess(givenStack(), { port })).toThrow(`'port' should be a whole number from 1 to 65535, got '${port}'`);
  });

  test.each([1, 65_535, Token.asNumber({ Ref: 'Port' })])('may use port %d', (port) => {
    expect(() => givenAccess(givenStack(), { port })).not.toThrow();
  });

  test('fails for an empty list of security groups', () => {
    expect(() => givenAccess(givenStack(), { securityGroups: [] }))
      .toThrow(`'securityGroups' should hold at least one security group, got none; leave it out to have one created`);
  });
});
