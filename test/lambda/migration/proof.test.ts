import { dropTwins } from '../../../lambda/migration/twins';
import { Session } from '../../../lambda/mysql/session';
import { openPair, type Pair } from '../helpers/pair';
import { converting, EXECUTION, finish, plan } from './migrate';

describe('the proof of a plan on empty copies', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await openPair({
      prepare: async (connection) => {
        for (const database of ['bad', 'keys', 'linked', 'far away', 'alike']) await connection.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb3`);
        await connection.query('CREATE TABLE bad.good (id INT PRIMARY KEY, v VARCHAR(9))');
        await connection.query('CREATE TABLE bad.wide (id INT PRIMARY KEY, v VARCHAR(20000))');
        await connection.query('CREATE TABLE bad.long_key (id INT PRIMARY KEY, v VARCHAR(1000), KEY v (v))');
        await connection.query('CREATE TABLE keys.words (tenant INT, word VARCHAR(20) NOT NULL, note VARCHAR(20), UNIQUE KEY one (tenant, word), KEY note (note))');
        await connection.query(`INSERT INTO keys.words VALUES (1, 'Strasse', 'a'), (1, 'Straße', 'a'), (2, 'Strasse', 'b')`);
        await connection.query('CREATE TABLE keys.numbers (tenant INT, word VARCHAR(20), UNIQUE KEY one (tenant, word))');
        await connection.query(`INSERT INTO keys.numbers VALUES (1, 'a'), (2, 'a'), (2, 'b'), (3, NULL), (3, NULL)`);
        await connection.query('CREATE TABLE `far away`.parent (code VARCHAR(9) PRIMARY KEY)');
        await connection.query('CREATE TABLE linked.parent (code VARCHAR(9) PRIMARY KEY)');
        await connection.query('CREATE TABLE linked.child (a VARCHAR(9), b VARCHAR(9), FOREIGN KEY (a) REFERENCES parent (code), FOREIGN KEY (b) REFERENCES `far away`.parent (code))');
        await connection.query(`CREATE TABLE linked.years (v VARCHAR(9), y INT) PARTITION BY RANGE (y) (PARTITION p VALUES LESS THAN (2000), PARTITION q VALUES LESS THAN MAXVALUE)`);
        for (let number = 1; number <= 12; number += 1) {
          await connection.query(`CREATE TABLE alike.t${number} (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9), CONSTRAINT c${number} CHECK (v <> '')) AUTO_INCREMENT = ${number * 10}`);
        }
        // somebody's own, whatever it is called.
        await connection.query('CREATE DATABASE blue_green_proof_1');
        await connection.query('CREATE TABLE blue_green_proof_1.kept (id INT PRIMARY KEY)');
      },
    });
  });
  afterAll(() => pair?.close());

  /** Everything there is on Green but the ledger: whatever is altered gets another time of creation. */
  const everything = () => pair.run(
    'green',
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, CAST(CREATE_TIME AS CHAR) AS t FROM information_schema.TABLES
      WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema', 'blue_green_pipeline') ORDER BY 1, 2`,
  );
  const twins = () => pair.run(`green`, `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'blue\\_green\\_proof\\_%'`);
  const messageOf = (promise: Promise<unknown>) => promise.then(() => 'nothing was thrown', (thrown: Error) => `${thrown.name}: ${thrown.message}`);

  test('tells everything that MySQL would not do, at once, and touches no table', async () => {
    const before = await everything();

    const message = await messageOf(plan(pair, converting(['bad'])));

    expect(message).toMatch(/^PlanRefused: .* 2 things speak against it\. No table was altered/);
    expect(message).toMatch(/bad\.wide: error 1074 \(42000\): Column length too big for column 'v'.*Statement: .*ALTER TABLE `bad`\.`wide` MODIFY/);
    expect(message).toMatch(/bad\.long_key: error 1071 \(42000\): Specified key was too long.*Statement: .*ALTER TABLE `bad`\.`long_key` MODIFY/);
    expect(message).not.toMatch(/bad\.good|blue_green_proof/);
    expect(await everything()).toEqual(before);
    expect(await twins()).toEqual([{ name: 'blue_green_proof_1' }]);
    expect(await pair.run('green', 'SELECT * FROM blue_green_pipeline.step')).toEqual([]);
    await pair.run('green', 'DROP DATABASE blue_green_pipeline');
  });

  test('takes no key for a column that came in between, where the server adds one to every table without', async () => {
    await pair.run('green', 'SET GLOBAL sql_generate_invisible_primary_key = ON');
    try {
      await expect(plan(pair, converting(['linked', 'far away']))).resolves.toMatchObject({ warnings: [] });
    } finally {
      await pair.run('green', 'SET GLOBAL sql_generate_invisible_primary_key = OFF', 'DROP DATABASE blue_green_pipeline');
    }
  });

  test('asks the data where a collation that was chosen may find more texts equal', async () => {
    const message = await messageOf(plan(pair, converting(['keys'], { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' })));
    expect(message).toMatch(/one thing speaks against it/);
    expect(message).toMatch(/keys\.words: key 'one' has rows that are equal once the statement has run \(error 1062\); find them on Blue: SELECT 1 FROM `keys`\.`words` WHERE/);
    await pair.run('green', 'DROP DATABASE blue_green_pipeline');
    await expect(plan(pair, converting(['keys'], { utf8mb3_general_ci: 'utf8mb4_0900_as_cs' }))).resolves.toMatchObject({ pending: 3, warnings: [] });
    await pair.run('green', 'DROP DATABASE blue_green_pipeline');
  });

  test('refuses what would stop replication, with the setting that would help', async () => {
    await pair.run('green', `SET GLOBAL replica_type_conversions = ''`);
    const message = await messageOf(plan(pair, converting(['linked'])));
    await pair.run('green', `SET GLOBAL replica_type_conversions = 'ALL_NON_LOSSY'`, 'DROP DATABASE blue_green_pipeline');
    expect(message).toMatch(/^PlanRefused: .* 3 things speak against it/);
    expect(message).toMatch(/linked\.child: column 1, 'a': .*\(NEEDS_CONVERSION\); set replica_type_conversions to ALL_NON_LOSSY/);
  });

  test('goes through for foreign keys into other schemas, and for partitions', async () => {
    expect(await plan(pair, converting(['linked', 'far away']))).toMatchObject({ pending: 6, warnings: [] });
    expect(await twins()).toEqual([{ name: 'blue_green_proof_1' }]);
    expect((await finish(pair, converting(['linked', 'far away']))).done).toBe(true);
    await pair.run('green', 'DROP DATABASE blue_green_pipeline');
  });

  test('is made once for tables that differ in their names only', async () => {
    const created = async () => Number((await pair.run<{ Value: string }>('green', `SHOW GLOBAL STATUS LIKE 'Com_alter_table'`))[0]?.Value);
    const before = await created();
    expect(await plan(pair, converting(['alike']))).toMatchObject({ pending: 13 });
    expect(await created() - before).toBe(1);
  });

  test('drops what a proof that was killed has left, and nothing else', async () => {
    await pair.run('green', 'CREATE DATABASE blue_green_proof_2', 'CREATE TABLE blue_green_proof_2.t (id INT)', `INSERT INTO blue_green_pipeline.twin VALUES ('blue_green_proof_2', 'alike'), ('blue_green_proof_3', 'alike')`);
    await plan(pair, converting(['alike']), EXECUTION);
    expect(await twins()).toEqual([{ name: 'blue_green_proof_1' }]);
    await pair.run('green', 'CREATE DATABASE blue_green_proof_2', `INSERT INTO blue_green_pipeline.twin VALUES ('blue_green_proof_2', 'alike')`);
    await Session.use(pair.server('green'), dropTwins);
    expect([await twins(), await pair.run('green', 'SELECT * FROM blue_green_pipeline.twin')]).toEqual([[{ name: 'blue_green_proof_1' }], []]);
  });
});
