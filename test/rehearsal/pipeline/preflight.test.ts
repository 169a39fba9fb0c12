import { CreateBlueGreenDeploymentCommand, DescribeDBClusterParameterGroupsCommand, DescribeDBClustersCommand } from '@aws-sdk/client-rds';
import * as rds from 'aws-cdk-lib/aws-rds';
import { type RowDataPacket } from 'mysql2/promise';
import { Migration } from '../../../lib';
import { ENGINE_VERSIONS } from '../../../rehearsal/rds';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { messageOf, openSmall, productionFacts } from './small';

const PASSWORD = 'a-wrong-Password-0815';

describe('preflight', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  async function fails(input: unknown = {}, deployments: string[] = []): Promise<{ error?: string; message: string }> {
    const result = await rehearsal.start(input).finished;
    expect(result.status).toBe('FAILED');
    expect(rehearsal.rds.deployments.map(({ name }) => name)).toEqual(deployments);
    return { error: result.error, message: messageOf(result) };
  }

  test(`fails with every finding at once: no binlog, a latin1 column that holds 'café', an unknown database; Blue stays as it was, and a finding that is mended is gone`, async () => {
    rehearsal = await openSmall({
      blueGroup: { binlog_format: 'OFF' },
      pipeline: { migration: Migration.convertCharacterSet({ databases: ['shop', 'shpo'] }) },
      prepare: async (connection) => {
        await connection.query('CREATE TABLE shop.cafes (id INT PRIMARY KEY, name VARCHAR(30) CHARACTER SET latin1) DEFAULT CHARACTER SET utf8mb3');
        await connection.query(`INSERT INTO shop.cafes VALUES (1, 'café')`);
      },
    });
    const before = await productionFacts(rehearsal);
    const operator = rehearsal.rdsClient();
    const resources = async () => ({
      clusters: (await operator.send(new DescribeDBClustersCommand({}))).DBClusters,
      groups: (await operator.send(new DescribeDBClusterParameterGroupsCommand({}))).DBClusterParameterGroups,
    });
    const existing = await resources();

    const { error, message } = await fails();

    expect(error).toBe('PreflightFailed');
    expect(message).toMatch(/binlog_format is 'OFF' in cluster parameter group 'shop-blue'.*set it to ROW/);
    expect(message).toMatch(/the running server of 'shop' writes no binlog/);
    expect(message).toMatch(/character-sets: column shop\.cafes\.name is latin1.*Convert it on Blue first \(ALTER TABLE … MODIFY … CHARACTER SET utf8mb3\)/);
    expect(message).toMatch(/database 'shpo' does not exist on 'shop'.*the cluster has 'shop'/);
    expect(message).toMatch(/nothing was created, Blue is untouched/);
    expect(await resources()).toEqual(existing);
    expect(await productionFacts(rehearsal)).toEqual(before);
    const production = await rehearsal.connect('shop');
    const names = async () => (await production.query<RowDataPacket[]>('SELECT name, HEX(name) AS bytes FROM cafes'))[0];
    expect(await names()).toEqual([{ name: 'café', bytes: '636166E9' }]);

    await production.query('ALTER TABLE cafes MODIFY name VARCHAR(30) CHARACTER SET utf8mb3');
    expect(await names()).toEqual([{ name: 'café', bytes: '636166C3A9' }]);
    await production.end();
    const mended = await fails();
    expect(mended.error).toBe('PreflightFailed');
    expect(mended.message).not.toMatch(/cafes|latin1/);
    expect(mended.message).toMatch(/database 'shpo' does not exist/);
  });

  test('fails on a wrong password, without showing any; succeeds when it is mended', async () => {
    const lines: string[] = [];
    rehearsal = await openSmall({ password: PASSWORD, log: (_, line) => lines.push(line) });

    const { error, message } = await fails();

    expect(error).toBe('PreflightFailed');
    expect(message).toMatch(/LoginRefused: MySQL at .* refused the login of 'admin'.*see that the secret holds the present password/);
    const everything = JSON.stringify([lines, rehearsal.executions.map(({ history }) => history)]);
    expect(everything).not.toContain(PASSWORD);

    rehearsal.setPassword(rehearsal.endpoint.password);
    const mended = await rehearsal.start({ preflightOnly: true }).finished;
    expect(mended).toMatchObject({ status: 'SUCCEEDED', output: { summary: expect.stringContaining('preflight found no blocker') as string } });
    expect(rehearsal.rds.deployments).toEqual([]);
    expect(JSON.stringify([lines, rehearsal.executions.map(({ history }) => history)])).not.toContain(rehearsal.endpoint.password);
  });

  test('fails on a stopped cluster, on unknown input keys, on a version RDS can no longer create', async () => {
    rehearsal = await openSmall({ cluster: { status: 'stopped' }, engineVersions: ENGINE_VERSIONS.map((entry) => ({ ...entry, isDeprecated: true })) });

    const stopped = await fails({ Comment: 'Insert your JSON here' });
    expect(stopped.error).toBe('PreflightFailed');
    expect(stopped.message).toMatch(/DB cluster 'shop' is 'stopped'.*aws rds start-db-cluster --db-cluster-identifier shop/);
    expect(stopped.message).toMatch(/engine version '8\.0\.mysql_aurora\.3\.10\.1' of 'shop' is not among the versions RDS can still create/);

    const unknown = await fails({ preflightonly: true, workers: 0 });
    expect(unknown.error).toBe('InvalidInput');
    expect(unknown.message).toMatch(/unknown key 'preflightonly'/);
    expect(unknown.message).toMatch(/'workers'/);
  });

  test('fails on a deployment somebody else has made, and on a target version that is no upgrade', async () => {
    rehearsal = await openSmall({
      pipeline: { targetEngineVersion: rds.AuroraMysqlEngineVersion.of('8.0.mysql_aurora.9.99.9', '8.0') },
    });
    const [source] = (await rehearsal.rdsClient().send(new DescribeDBClustersCommand({}))).DBClusters ?? [];
    await rehearsal.rdsClient().send(new CreateBlueGreenDeploymentCommand({
      BlueGreenDeploymentName: 'by-hand', Source: source?.DBClusterArn, TargetDBClusterParameterGroupName: greenGroup(rehearsal),
    }));

    const { error, message } = await fails({}, ['by-hand']);

    expect(error).toBe('PreflightFailed');
    expect(message).toMatch(/targetEngineVersion '8\.0\.mysql_aurora\.9\.99\.9' is not a valid upgrade target.*choose one of .*3\.12\.0/);
    expect(message).toMatch(/'shop' is already the source of Blue\/Green deployment 'by-hand'.*finish or delete that one/);
  });
});

function greenGroup(rehearsal: Rehearsal): string | undefined {
  return rehearsal.stack.resources('AWS::RDS::DBClusterParameterGroup')[0]?.ref;
}
