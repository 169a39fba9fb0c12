import { changesOnBlue, planWatchingBlue } from '../../../lambda/migration/blue-schema';
import { definitionsOf } from '../../../lambda/mysql/definitions';
import { Session } from '../../../lambda/mysql/session';
import { type Situation } from '../../../lambda/shared/state';
import { handler as checkGreen, type GreenFindings } from '../../../lambda/tasks/check-green';
import { handler as compareData } from '../../../lambda/tasks/compare-data';
import { handler as judge } from '../../../lambda/tasks/judge';
import { handler as planMigration } from '../../../lambda/tasks/plan-migration';
import { handler as runMigration } from '../../../lambda/tasks/run-migration';
import { openPair, type Pair } from '../helpers/pair';
import { configure, eventOf, NOTHING_FOUND } from '../shared/event';

let pair: Pair;

const SCHEMA = [
  'CREATE DATABASE shop CHARACTER SET utf8mb3', 'USE shop',
  `CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY, code CHAR(8), v INT DEFAULT 1 COMMENT 'x', KEY code (code), CONSTRAINT positive CHECK (v > 0))`,
  'CREATE TABLE children (id INT PRIMARY KEY, parent INT, CONSTRAINT belongs FOREIGN KEY (parent) REFERENCES parents (id))',
  'CREATE TABLE days (d DATE PRIMARY KEY, v INT) PARTITION BY RANGE (TO_DAYS(d)) (PARTITION p1 VALUES LESS THAN (740000))',
  'CREATE VIEW seen AS SELECT id FROM parents',
  'CREATE PROCEDURE done (IN a INT) SELECT a',
  'CREATE TRIGGER fired BEFORE INSERT ON parents FOR EACH ROW SET NEW.v = 2',
  'CREATE EVENT timed ON SCHEDULE EVERY 1 DAY DO SELECT 1', `CREATE EVENT once ON SCHEDULE AT '2038-01-01' DO SELECT 1`,
];

/** A statement on Blue, and what is said of it. */
const STATEMENTS = [
  ['ALTER TABLE parents ADD COLUMN w INT', 'columns of shop.parents have changed: + w int'],
  ['ALTER TABLE parents ADD COLUMN x CHAR(1) NOT NULL FIRST', 'columns of shop.parents have changed: + x char(1) COLLATE utf8mb3_general_ci NOT NULL FIRST'],
  ['ALTER TABLE parents DROP COLUMN x', 'columns of shop.parents have changed: - x char(1) COLLATE utf8mb3_general_ci NOT NULL'],
  ['ALTER TABLE parents ALTER COLUMN v SET DEFAULT 2', `columns of shop.parents have changed: v: int DEFAULT '1' COMMENT 'x' → int DEFAULT '2' COMMENT 'x'`],
  [`ALTER TABLE parents MODIFY v INT DEFAULT 1 COMMENT 'y'`, `columns of shop.parents have changed: v: int DEFAULT '2' COMMENT 'x' → int DEFAULT '1' COMMENT 'y'`],
  [`ALTER TABLE parents MODIFY v INT DEFAULT 1 COMMENT 'y' AFTER id`, 'columns of shop.parents have changed: v moved AFTER id'],
  ['ALTER TABLE parents DEFAULT CHARACTER SET utf8mb4', 'table shop.parents has changed: InnoDB COLLATE utf8mb3_general_ci → InnoDB COLLATE utf8mb4_0900_ai_ci'],
  [`ALTER TABLE parents COMMENT 'new'`, `table shop.parents has changed: InnoDB COLLATE utf8mb4_0900_ai_ci → InnoDB COLLATE utf8mb4_0900_ai_ci COMMENT 'new'`],
  ['ALTER TABLE parents ADD UNIQUE KEY two (v DESC, code (3))', 'indexes of shop.parents have changed: + two (v DESC, code (3)) UNIQUE'],
  ['ALTER TABLE parents ALTER INDEX code INVISIBLE', 'indexes of shop.parents have changed: code: (code) → (code) INVISIBLE'],
  ['ALTER TABLE days ADD KEY (v)', 'indexes of shop.days have changed: + v (v)'],
  ['ALTER TABLE parents ALTER CHECK positive NOT ENFORCED', 'checks of shop.parents have changed: positive: (`v` > 0) → (`v` > 0) NOT ENFORCED'],
  ['ALTER TABLE parents DROP CHECK positive', 'checks of shop.parents are gone: - positive (`v` > 0) NOT ENFORCED'],
  ['ALTER TABLE children DROP FOREIGN KEY belongs', 'foreign keys of shop.children are gone: - belongs (parent = id) REFERENCES shop.parents ON DELETE NO ACTION ON UPDATE NO ACTION'],
  ['ALTER TABLE days ADD CHECK (v > 0)', 'checks of shop.days are new: + days_chk_1 (`v` > 0)'],
  ['DROP TABLE children', 'table shop.children is gone'],
  ['CREATE OR REPLACE VIEW seen AS SELECT id, v FROM parents', 'view shop.seen has changed'],
  ['CREATE VIEW other AS SELECT 1 AS one', 'view shop.other is new'],
  ['ALTER PROCEDURE done SQL SECURITY INVOKER', 'routine shop.done has changed'],
  ['CREATE FUNCTION made () RETURNS INT DETERMINISTIC RETURN 1', 'routine shop.made is new; parameters of shop.made are new'],
  ['DROP TRIGGER fired', 'trigger shop.fired is gone'],
  ['ALTER EVENT timed DO SELECT 2', 'event shop.timed has changed'],
  ['ALTER DATABASE shop CHARACTER SET latin1', 'database shop has changed: COLLATE utf8mb3_general_ci → COLLATE latin1_swedish_ci'],
] as const;

beforeAll(async () => { pair = await openPair({ green: { replica_checkpoint_period: 10 } }); });

beforeEach(async () => {
  await pair.run('blue', ...SCHEMA);
  await pair.caughtUp();
});

afterEach(async () => {
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
  await pair.run('blue', 'DROP DATABASE IF EXISTS shop');
  await pair.caughtUp();
});

afterAll(() => pair?.close());

/** An event of this run of an execution. */
function event(redriveCount = 0, more: Record<string, unknown> = {}) {
  const [blue, green] = (['blue', 'green'] as const).map((which) => ({ identifier: which, ...pair.server(which) }) as Situation['source']);
  const situation: Situation = { phase: 'available', deployment: null, source: blue ?? null, target: green ?? null };
  return { ...eventOf({ situation }), execution: { id: 'one', startedAt: eventOf().now, redriveCount }, ...more };
}

/** What has changed on Blue since the plan, in the words of the check. */
function changes(): Promise<string[]> {
  return Session.use(pair.server('blue'), (blue) => Session.use(pair.server('green'), (green) => changesOnBlue({ blue, green }, ['shop'])));
}

test('every kind of DDL is found, and named', async () => {
  configure();
  await planMigration(event());
  const found: (readonly [string, string])[] = [];
  await Session.use(pair.server('blue'), (blue) => Session.use(pair.server('green'), async (green) => {
    for (const [index, [statement]] of STATEMENTS.entries()) {
      await pair.run('blue', 'USE shop', statement);
      found.push([statement, (await changesOnBlue({ blue, green }, ['shop'])).join('; ')]);
      await planWatchingBlue({ blue, green }, ['shop'], `another ${index}`, () => Promise.resolve());
    }
  }));
  expect(found).toEqual(STATEMENTS);
});

test('what is no DDL, or comes and goes by the calendar, is no change; nor is a new table', async () => {
  configure();
  await pair.run('blue', 'USE shop', 'INSERT INTO parents (code) VALUES (1), (2)');
  await planMigration(event());
  await pair.run(
    'blue', 'USE shop', 'INSERT INTO parents (code) VALUES (3)', 'ANALYZE TABLE parents', 'OPTIMIZE TABLE days', 'TRUNCATE TABLE days', 'ALTER TABLE parents AUTO_INCREMENT = 77', 'FLUSH TABLES',
    'ALTER TABLE days ADD PARTITION (PARTITION p2 VALUES LESS THAN (750000))', 'DROP EVENT once', 'ALTER EVENT timed DISABLE', 'CREATE TABLE late (id INT PRIMARY KEY, v VARCHAR(9), KEY (v))',
    'SET GLOBAL information_schema_stats_expiry = 0',
  );
  expect(await changes()).toEqual([]);
});

test('the hash of an object does not depend on the order in which its parts are listed', async () => {
  await pair.run('blue', 'CREATE TABLE shop.one (a INT, b INT, KEY x (a), KEY y (b))', 'CREATE DATABASE mirror', 'CREATE TABLE mirror.one (a INT, b INT, KEY y (b), KEY x (a)) DEFAULT CHARACTER SET utf8mb3');
  const definitions = await Session.use(pair.server('blue'), (blue) => definitionsOf(blue, ['shop', 'mirror'])).finally(() => pair.run('blue', 'DROP DATABASE mirror'));
  const of = (schema: string) => definitions.filter((one) => one.schema === schema && one.name === 'one').map(({ kind, hash }) => `${kind} ${hash}`).sort();
  expect(of('mirror')).toEqual(of('shop'));
  expect(of('shop')).toHaveLength(3);
});

test('every state behind the plan stops and names the difference, a new execution goes on with it', async () => {
  configure();
  await planMigration(event());
  await pair.run('blue', 'ALTER TABLE shop.parents ADD COLUMN w INT');
  await pair.caughtUp();
  const stopped = { name: 'BlueSchemaChanged', message: expect.stringMatching(/columns of shop\.parents have changed: \+ w int(?: \(SAFE: every column arrives as it is\))?\. .*start a new execution with \{\}/) as string };

  await expect(runMigration(event())).rejects.toMatchObject(stopped);
  await expect(compareData(event())).rejects.toMatchObject(stopped);
  // the same execution, because tables have arrived.
  await expect(planMigration(event())).rejects.toMatchObject(stopped);
  const findings: GreenFindings = await checkGreen(event(0, { scope: 'before-switchover' }));
  expect(findings.findings).toContainEqual(expect.objectContaining({ id: 'schema-as-planned', severity: 'blocker' }));
  const state = { ...event().state, readinessCheck: { rds: NOTHING_FOUND, mysql: { ...findings, replan: false } } };
  await expect(judge(event(0, { subject: 'readiness', state }))).rejects.toMatchObject(stopped);

  await planMigration(event(1));
  expect(await changes()).toEqual([]);
  await expect(runMigration(event(1))).resolves.toMatchObject({ done: expect.any(Boolean) as boolean });
});

test('the classifier judges what has changed, and a new plan begins with its doubts', async () => {
  configure();
  await planMigration(event());
  // one column more on Green, as by hand: whatever Blue adds stands at another place.
  await pair.run('green', 'ALTER TABLE shop.children ADD COLUMN own INT');
  await pair.run('blue', 'ALTER TABLE shop.children ADD COLUMN w INT', 'ALTER TABLE shop.parents ADD COLUMN w INT AFTER id');
  const misplaced = 'columns of shop.children have changed: + w int (CORRUPTS: column 3, \'w\': Blue has \'w\' where Green has \'own\', and values go by position';
  const message = expect.stringContaining(misplaced) as string;
  await expect(runMigration(event())).rejects.toMatchObject({ message });
  await expect(runMigration(event())).rejects.toMatchObject({ message: expect.stringContaining('shop.parents have changed: + w int AFTER id (SAFE') as string });

  await pair.run('green', 'STOP REPLICA SQL_THREAD');
  await pair.run('blue', 'ALTER TABLE shop.days ADD COLUMN w INT');
  await expect(runMigration(event())).rejects.toMatchObject({ message: expect.stringContaining('shop.days have changed: + w int (not judged: Green has not executed it yet)') as string });
  await pair.run('green', 'START REPLICA SQL_THREAD');
  await pair.caughtUp();

  const { warnings } = await planMigration(event(1));
  expect(warnings.filter((warning) => warning.startsWith('columns of'))).toEqual([expect.stringContaining(misplaced)]);
});

test('a plan made again for tables that have arrived takes over these and nothing else', async () => {
  configure();
  await planMigration(event());
  await pair.run('blue', 'CREATE TABLE shop.late (id INT PRIMARY KEY, v VARCHAR(9))');
  await pair.caughtUp();
  await planMigration(event());
  await pair.run('blue', 'ALTER TABLE shop.late ADD KEY (v)');
  expect(await changes()).toEqual(['indexes of shop.late have changed: + v (v)']);
});

test('a ledger that does not have the parts names the definition alone', async () => {
  configure();
  await planMigration(event());
  await pair.run('blue', 'ALTER TABLE shop.parents ADD COLUMN w INT');
  // what the server did not print whole.
  await pair.run('green', `UPDATE blue_green_pipeline.definition_parts SET parts = LEFT(parts, 30)`);
  expect(await changes()).toEqual(['columns of shop.parents have changed']);
  // one made by an earlier version.
  await pair.run('green', 'DROP TABLE blue_green_pipeline.definition_parts');
  expect(await changes()).toEqual(['columns of shop.parents have changed']);
});

test('nothing is watched where nothing is migrated', async () => {
  configure({ migration: { kind: 'none' } });
  await planMigration(event());
  await pair.run('blue', 'ALTER TABLE shop.parents ADD COLUMN w INT');
  await expect(runMigration(event())).resolves.toMatchObject({ done: true });
});
