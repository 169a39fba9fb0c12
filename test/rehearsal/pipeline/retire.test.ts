import { DescribeDBClusterParameterGroupsCommand, ModifyDBClusterCommand, StopDBClusterCommand } from '@aws-sdk/client-rds';
import { Duration } from 'aws-cdk-lib';
import { type Connection, createConnection } from 'mysql2/promise';
import { RetireBlue } from '../../../lib';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution, type ExecutionResult } from '../../../rehearsal/step-functions';
import { eventually } from '../mysql/eventually';
import { orThrow } from '../rds/fixture';
import { messageOf, openSmall, productionFacts } from './small';

const OLD_BLUE = 'shop-old1';

/** The states of the retirement that do work. What comes behind them, the report, tells that nothing is left to do. */
const WORKING: readonly string[] = [
  StateName.WAIT_TO_RETIRE, StateName.FIND_OLD_BLUE, StateName.START_OLD_BLUE, StateName.CHECK_OLD_BLUE_IN_RDS, StateName.CHECK_OLD_BLUE_IN_MYSQL,
  StateName.JUDGE_RETIREMENT, StateName.PROTECT_OLD_BLUE, StateName.TAKE_FINAL_SNAPSHOT, StateName.DELETE_DEPLOYMENT, StateName.LOOK_AT_OLD_BLUE,
  StateName.DELETE_OLD_BLUE,
];

describe('retiring the old Blue', () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await openSmall({
      cluster: { deletionProtection: true }, pipeline: { retireBlue: RetireBlue.onRequest({ patience: Duration.hours(2) }) },
      durations: { startCluster: 20, stopCluster: 20, snapshot: 20, deleteInstance: 20, deleteCluster: 10, deleteDeployment: 20 },
    });
  }, 60_000);

  afterAll(() => rehearsal?.close());

  /** A client with an address from before the switchover, which an application may have cached. */
  async function straggler(): Promise<Connection> {
    const cluster = orThrow(rehearsal.rds.clusters.find(({ identifier }) => identifier === OLD_BLUE));
    const { host, user, password, ca } = rehearsal.endpoint;
    return createConnection({ host, port: cluster.endpoint.port, user, password, database: 'shop', ssl: { ca, verifyIdentity: true } });
  }

  test('is refused as long as somebody needs it, and is then done to its end, whatever dies on the way', async () => {
    const groups = await groupNames(rehearsal);
    expect(await rehearsal.start().finished).toMatchObject({ status: 'SUCCEEDED' });
    const [oldBlue, production] = [OLD_BLUE, 'shop'].map((name) => orThrow(rehearsal.rds.clusters.find(({ identifier }) => identifier === name)).resourceId);
    const facts = await productionFacts(rehearsal);
    const before = await rowsOf(rehearsal);

    // deletion protection, and a connection nobody has closed; one server stands for both instances here.
    const client = await straggler();
    const refused = await rehearsal.start({ action: 'retire' }).finished;
    await client.end();
    expect(refused).toMatchObject({ status: 'FAILED', error: 'RetireRefused' });
    expect(messageOf(refused)).toMatch(/nothing was deleted and production is as it was.*3 blockers/);
    expect(messageOf(refused)).toMatch(/deletion-protection: the old Blue 'shop-old1' has deletion protection/);
    expect(messageOf(refused)).toMatch(/old-blue-clients: user 'admin' from \S+ in database 'shop' \(idle for \d+ s\) is connected to 'shop-1-old1' of the old Blue/);
    expect(messageOf(refused)).toMatch(/What stands: production is the former Green and works; 'shop-old1' is there and read-only/);
    expect(rehearsal.rds.snapshots).toEqual([]);

    // somebody has stopped it to save money; RDS would never get done with its deployment then.
    const operator = rehearsal.rdsClient();
    await operator.send(new ModifyDBClusterCommand({ DBClusterIdentifier: OLD_BLUE, DeletionProtection: false }));
    await operator.send(new StopDBClusterCommand({ DBClusterIdentifier: OLD_BLUE }));
    await eventually('the old Blue is stopped', () => rehearsal.rds.clusters.some(({ identifier, status }) => identifier === OLD_BLUE && status === 'stopped'));
    operator.destroy();

    const open = new Set(WORKING);
    const endings: ExecutionResult[] = [];
    while (endings.at(-1)?.status !== 'SUCCEEDED' && endings.length < 20) endings.push(await stoppedInOneOf(open));
    expect(endings.filter(({ status }) => status === 'FAILED').map(messageOf)).toEqual([]);
    expect([...open]).toEqual([]);

    expect(endings.at(-1)).toMatchObject({ status: 'SUCCEEDED', output: { summary: expect.stringMatching(/the old Blue .* of 'shop' was retired/) as string } });
    expect(rehearsal.rds.clusters.map(({ resourceId }) => resourceId)).toEqual([production]);
    expect(rehearsal.rds.deployments).toEqual([]);
    expect(rehearsal.rds.snapshots).toMatchObject([{ status: 'available', clusterResourceId: oldBlue }, { status: 'available', clusterResourceId: oldBlue }]);
    // Green's own group is production's now.
    expect((await groupNames(rehearsal)).filter((name) => !groups.includes(name))).toEqual([rehearsal.rds.clusters[0]?.parameterGroup.name]);
    expect(await productionFacts(rehearsal)).toEqual(facts);
    expect(await rowsOf(rehearsal)).toEqual(before);
  }, 240_000);

  /**
   * Ends an execution in the first of these states that it comes to; what was asked of RDS by then, the next one finds. As soon as the deployment is gone, that
   * is one with {}, which must not begin a new migration. The last one comes to its end.
   */
  async function stoppedInOneOf(open: Set<string>): Promise<ExecutionResult> {
    const running: { execution?: Execution } = {};
    running.execution = rehearsal.start(rehearsal.rds.deployments.length === 0 && open.size > 0 ? {} : { action: 'retire' }, ({ type, name }) => {
      if (type === 'TaskStateEntered' && name !== undefined && open.delete(name)) setImmediate(() => running.execution?.stop('Test.Stopped', `in ${name}`));
    });
    const result = await running.execution.finished;
    await eventually('no function is working', () => rehearsal.running.length === 0);
    return result;
  }
});

async function groupNames(rehearsal: Rehearsal): Promise<string[]> {
  const { DBClusterParameterGroups: groups = [] } = await rehearsal.rdsClient().send(new DescribeDBClusterParameterGroupsCommand({}));
  return groups.map(({ DBClusterParameterGroupName: name = '' }) => name);
}

async function rowsOf(rehearsal: Rehearsal): Promise<unknown> {
  const connection = await rehearsal.connect('shop');
  try {
    return (await connection.query('CHECKSUM TABLE orders, customers, order_items, products'))[0];
  } finally {
    await connection.end();
  }
}
