import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { loopback, versionNumbers } from '../../rehearsal/mysql';
import { type Rehearsal } from '../../rehearsal/rehearsal';
import { messageOf, openSmall, productionFacts } from '../rehearsal/pipeline/small';
import { blocks, sqlOf, statements } from './pages';

const PAGE = 'docs/permissions.md';
const USER = 'pipeline';

describe('the database user of docs/permissions.md', () => {
  let rehearsal: Rehearsal;
  let password: string;

  beforeAll(async () => {
    rehearsal = await openSmall({
      // the operator makes the user as the master user, as the page says.
      prepare: async (connection) => {
        const [server] = (await connection.query<RowDataPacket[]>('SELECT VERSION() AS version'))[0];
        const { major, minor } = versionNumbers(String(server?.version));
        const definers = major > 8 || minor >= 2 ? 'definers-8.4' : 'definers-8.0';
        const create = statements(PAGE, 'user-with-password');
        password = /BY '(.*?)'/.exec(create.join())?.[1] ?? '';
        for (const statement of ['user-with-password', 'grants', definers, 'grants-on-routines', 'grants-to-end-sessions'].flatMap((part) => statements(PAGE, part))) await connection.query(statement);
        await connection.query(`CREATE USER 'clerk'@'%' IDENTIFIED BY 'clerk-Only-1'`);
        await connection.query(`GRANT EXECUTE ON PROCEDURE shop.add_review TO 'clerk'@'%'`);
      },
    });
    rehearsal.setPassword(password, USER);
  });
  afterAll(() => rehearsal?.close());

  test('can carry out a whole execution, and the SQL of the runbook meanwhile', async () => {
    const outcomes: string[] = [];
    rehearsal.onTask = async (state) => {
      if (state === 'Compare Data' && outcomes.length === 0) outcomes.push(...await runbookOutcomes(rehearsal, password));
    };

    const result = await rehearsal.start({}).finished;

    expect({ status: result.status, message: messageOf(result) }).toEqual({ status: 'SUCCEEDED', message: '' });
    expect(outcomes.filter((outcome) => !outcome.startsWith('ok'))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(2);
    expect(await productionFacts(rehearsal)).toMatchObject({ characterSets: ['utf8mb4'], ourSchemas: 0, events: { expire_coupons: 'ENABLED' } });
  });

  test('leaves the grants of others on routines as they were, and none of its own behind', async () => {
    const connection = await rehearsal.connect();
    const [grants] = await connection.query<RowDataPacket[]>(`SELECT CONCAT(User, ' ', Db, '.', Routine_name, ' ', Proc_priv) AS said FROM mysql.procs_priv WHERE Db <> 'mysql'`);
    await connection.end();
    expect(grants.map(({ said }) => String(said))).toEqual(['clerk shop.add_review Execute']);
  });

  test('can be made for IAM authentication, but for the plugin that only RDS has', async () => {
    const connection = await rehearsal.connect();
    const [create = ''] = statements(PAGE, 'user-with-iam');
    // 1524: the plugin is not loaded. The statement was understood.
    await expect(connection.query(create.replace(USER, 'other'))).rejects.toMatchObject({ errno: 1524 });
    await connection.end();
  });
});

/** Runs the SQL blocks of the runbook on Green as our user; each starts with ok, or says what is wrong. */
async function runbookOutcomes(rehearsal: Rehearsal, password: string): Promise<string[]> {
  const { green, certificates } = rehearsal;
  if (green === undefined) throw new Error('Green should be there by now');
  const connection = await createConnection({ host: loopback, port: green.port, user: USER, password, ssl: { ca: certificates.authority } });
  const outcomes: string[] = [];
  for (const { where, text } of blocks('sql').filter((block) => block.where.startsWith('docs/runbook.md'))) {
    for (const statement of sqlOf(text)) {
      outcomes.push(await connection.query(statement).then(() => `ok ${where}`, (error: Error) => `${where}: ${error.message}`));
    }
  }
  await connection.end();
  return outcomes;
}
