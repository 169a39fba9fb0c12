import { DescribeBlueGreenDeploymentsCommand, DescribeDBClustersCommand, DeleteBlueGreenDeploymentCommand } from '@aws-sdk/client-rds';
import { ServiceError } from '../../../rehearsal/rds';
import { Fixture, LONG_ENOUGH } from './fixture';

let fixture: Fixture;
afterEach(() => fixture.close());

describe('faults on demand', () => {
  beforeEach(async () => { fixture = await Fixture.open(); });

  test('throttles the next calls of an action', async () => {
    fixture.controlPlane.faults.throttle('DescribeDBClusters', 2);
    const describe = () => fixture.client.send(new DescribeDBClustersCommand({}));
    await expect(describe()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
    await expect(describe()).rejects.toMatchObject({ name: 'Throttling' });
    await describe();
  });

  test('the SDK itself retries a throttled call', async () => {
    fixture.controlPlane.faults.throttle('DescribeDBClusters');
    const client = fixture.clientFor('AKIDTEST', 2);
    await client.send(new DescribeDBClustersCommand({}));
    client.destroy();
  });

  test('fails the next call of an action as a test says', async () => {
    fixture.controlPlane.faults.fail('CreateBlueGreenDeployment', new ServiceError('StorageQuotaExceeded', 400, 'Quota.'));
    await expect(fixture.create()).rejects.toMatchObject({ name: 'StorageQuotaExceededFault' });
    await fixture.create();
  });

  test('loses an answer after the work is done', async () => {
    fixture.controlPlane.faults.loseAnswer('CreateBlueGreenDeployment');
    await expect(fixture.create()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect((await fixture.client.send(new DescribeBlueGreenDeploymentsCommand({}))).BlueGreenDeployments).toHaveLength(1);
  });

  test('never ends a creation', async () => {
    fixture.controlPlane.faults.creationNeverEnds = true;
    expect(await fixture.createAvailable()).toMatchObject({ Status: 'PROVISIONING' });
  });
});

describe('authorization', () => {
  const asked: [string, string, string[]][] = [];
  let denied: string;
  beforeEach(async () => {
    asked.length = 0;
    denied = '';
    fixture = await Fixture.open({ authorize: (principal, action, resources) => { asked.push([principal, action, resources]); return action !== denied; } });
  });

  test('asks with the access key, the action and the resources, for the dependent actions too', async () => {
    await fixture.create();
    expect(asked.map(([principal, action]) => `${principal} ${action}`)).toEqual([
      'AKIDTEST rds:CreateBlueGreenDeployment', 'AKIDTEST rds:CreateDBCluster', 'AKIDTEST rds:CreateDBInstance', 'AKIDTEST rds:CreateDBClusterEndpoint',
    ]);
    expect(asked[0]?.[2]).toEqual(['arn:aws:rds:eu-central-1:123456789012:deployment:*', 'arn:aws:rds:eu-central-1:123456789012:cluster:shop']);
    expect(asked[1]?.[2][0]).toMatch(/:cluster:shop-green-/);
  });

  test.each(['rds:CreateBlueGreenDeployment', 'rds:CreateDBInstance'])('refuses without %s and creates nothing', async (action) => {
    denied = action;
    await expect(fixture.create()).rejects.toMatchObject({
      name: 'AccessDenied', $metadata: { httpStatusCode: 403 }, message: expect.stringContaining(`User: AKIDTEST is not authorized to perform: ${action}`),
    });
    expect(fixture.controlPlane.deployments).toHaveLength(0);
  });

  test('asks for what deleting Green needs', async () => {
    const { BlueGreenDeploymentIdentifier: identifier } = await fixture.createAvailable();
    denied = 'rds:DeleteDBInstance';
    await expect(fixture.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier, DeleteTarget: true }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await fixture.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier }));
    await fixture.clock.advance(LONG_ENOUGH);
  });

  test('refuses a request without a signature', async () => {
    const response = await fetch(fixture.controlPlane.endpoint, { method: 'POST', body: 'Action=DescribeDBClusters&Version=2014-10-31' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('MissingAuthenticationToken');
  });
});
