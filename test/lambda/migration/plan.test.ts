import { targetCollation } from '../../../lambda/migration/collations';
import { conversionStatement, needsConversion } from '../../../lambda/migration/conversion';
import { makePlan, planHash } from '../../../lambda/migration/plan';
import { unitsOf } from '../../../lambda/migration/units';
import { type ForeignKey } from '../../../lambda/mysql/inventory';
import { Session } from '../../../lambda/mysql/session';
import { openPair, type Pair } from '../helpers/pair';
import { settingsOf } from '../shared/event';
import { converting, DEFERRED, NOT_DEFERRED } from './migrate';

describe('the collation a column gets', () => {
  test.each([
    ['utf8mb3_general_ci', 'utf8mb4_general_ci'],
    ['utf8mb3_bin', 'utf8mb4_bin'],
    ['utf8mb3_unicode_520_ci', 'utf8mb4_unicode_520_ci'],
    ['utf8_unicode_ci', 'utf8mb4_unicode_ci'],
    ['ascii_general_ci', 'utf8mb4_general_ci'],
    ['ascii_bin', 'utf8mb4_bin'],
    ['utf8mb4_0900_ai_ci', 'utf8mb4_0900_ai_ci'],
    ['binary', 'binary'],
  ])('of %s is %s', (collation, expected) => {
    expect(targetCollation(collation, {})).toBe(expected);
  });

  test.each(['utf8_general_ci', 'utf8mb3_general_ci'])('is the chosen one, whichever name of utf8mb3 was chosen for %s', (collation) => {
    expect(targetCollation(collation, { utf8_general_ci: 'utf8mb4_0900_ai_ci' })).toBe('utf8mb4_0900_ai_ci');
    expect(targetCollation(collation, { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' })).toBe('utf8mb4_0900_ai_ci');
  });

  test('stays as it is for utf8mb4, even where another is chosen', () => {
    expect(targetCollation('utf8mb4_bin', { utf8mb4_bin: 'utf8mb4_general_ci' })).toBe('utf8mb4_bin');
  });
});

describe('what has to be converted', () => {
  const table = (collation: string, ...sets: string[]) => ({
    schema: 's', name: 't', collation, columns: sets.map((characterSet) => ({ column: 'c', characterSet, collation: `${characterSet}_general_ci` })),
  });

  test.each([
    ['a column of utf8mb3', table('utf8mb4_bin', 'utf8mb3'), true],
    ['a column of utf8, as 5.7 calls it', table('utf8mb4_bin', 'utf8'), true],
    ['a default of utf8mb3 without columns', table('utf8mb3_bin'), true],
    ['a default of latin1', table('latin1_swedish_ci'), true],
    ['nothing of a table in utf8mb4', table('utf8mb4_bin', 'utf8mb4'), false],
    ['nothing of a binary table', table('binary'), false],
    ['no column of latin1', table('utf8mb4_bin', 'latin1'), false],
  ])('%s', (_, candidate, expected) => {
    expect(needsConversion(candidate)).toBe(expected);
  });
});

describe('the statement, from what 5.7 prints', () => {
  const printed = 'CREATE TABLE `t` (\n  `a` varchar(9) COLLATE utf8_bin DEFAULT \'x\',\n  `b` text CHARACTER SET ascii,\n  KEY `a` (`a`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8';

  test('names everything it changes', () => {
    const columns = [{ column: 'a', characterSet: 'utf8', collation: 'utf8_bin' }, { column: 'b', characterSet: 'ascii', collation: 'ascii_general_ci' }];
    expect(conversionStatement({ schema: 's', name: 't', collation: 'utf8_general_ci', columns }, printed, {})).toBe(
      'ALTER TABLE `s`.`t` MODIFY COLUMN `a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT \'x\', MODIFY COLUMN `b` text CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, '
      + 'DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    );
  });

  test('fails for a column that is not printed, instead of leaving it out', () => {
    const columns = [{ column: 'c', characterSet: 'utf8', collation: 'utf8_bin' }];
    expect(() => conversionStatement({ schema: 's', name: 't', collation: 'utf8_bin', columns }, printed, {})).toThrow(`column 'c' of s.t is not in its SHOW CREATE TABLE`);
  });
});

describe('units', () => {
  const key = (table: string, parentTable: string, parentSchema = 's'): ForeignKey => ({ schema: 's', table, parentSchema, parentTable, cascades: false });
  const tables = ['a', 'b', 'c', 'd'].map((name) => ({ schema: 's', name }));

  test('are single tables where no foreign key connects them', () => {
    expect(unitsOf(tables, [])).toEqual([1, 2, 3, 4]);
  });

  test('hold tables that are connected through others', () => {
    expect(unitsOf(tables, [key('a', 'c'), key('d', 'c')])).toEqual([1, 2, 1, 1]);
  });

  test('hold tables that are connected through one that is not converted', () => {
    expect(unitsOf(tables, [key('a', 'common', 'other'), key('b', 'common', 'other')])).toEqual([1, 1, 2, 3]);
  });

  test('tell apart tables of one name in two schemas', () => {
    expect(unitsOf([{ schema: 's', name: 'a' }, { schema: 'other', name: 'a' }], [key('a', 'a')])).toEqual([1, 2]);
  });

  test('bear a circle of foreign keys', () => {
    expect(unitsOf(tables, [key('a', 'b'), key('b', 'a'), key('c', 'c')])).toEqual([1, 1, 2, 3]);
  });
});

describe('the fingerprint of a plan', () => {
  const migration = { kind: 'convertCharacterSet', databases: ['a', 'b'], collations: { x: 'utf8mb4_bin', y: 'utf8mb4_bin' }, deferredIndexes: DEFERRED, applier: 'running' } as const;

  test('does not depend on the order in which things are named', () => {
    const reordered = { ...migration, databases: ['b', 'a'], collations: { y: 'utf8mb4_bin', x: 'utf8mb4_bin' } };
    expect(planHash(settingsOf({ migration: reordered }))).toBe(planHash(settingsOf({ migration })));
  });

  test('does not depend on what may change in the middle', () => {
    const changed = settingsOf({ migration: { ...migration, deferredIndexes: NOT_DEFERRED }, workers: 9, lagHoldSeconds: 1, binlogRetentionHours: 9 });
    expect(planHash(changed)).toBe(planHash(settingsOf({ migration })));
  });

  test.each([
    ['databases', settingsOf({ migration: { ...migration, databases: ['a'] } })],
    ['collations', settingsOf({ migration: { ...migration, collations: {} } })],
    ['kind', settingsOf({ migration: { kind: 'none' } })],
    ['engine version', settingsOf({ migration, targetEngineVersion: '8.4.mysql_aurora.8.4.8' })],
  ])('changes with the %s', (_, other) => {
    expect(planHash(other)).not.toBe(planHash(settingsOf({ migration })));
  });

  test('stays the same from version to version: it is written on deployments', () => {
    expect(planHash(settingsOf({ migration }))).toBe('709b95d8b40b9987e9b85a8e6c30b30b');
  });
});

describe('a plan on a server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await openPair({
      prepare: async (connection) => {
        for (const database of ['few', 'many']) {
          await connection.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb3`);
          await connection.query(`USE ${database}`);
          for (let number = 1; number <= (database === 'few' ? 2 : 20); number += 1) {
            await connection.query(`CREATE TABLE t${number} (id INT PRIMARY KEY, v VARCHAR(9))`);
            await connection.query(`CREATE TABLE done${number} (v VARCHAR(9)) DEFAULT CHARACTER SET utf8mb4`);
          }
        }
        await connection.query('CREATE VIEW few.v AS SELECT v FROM few.t1');
        await connection.query('CREATE TABLE few.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES t1 (id) ON DELETE CASCADE)');
        await connection.query('CREATE TABLE few.friend (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES few.t2 (id))');
      },
    });
  });
  afterAll(() => pair?.close());

  const made = (databases: readonly string[]) => Session.use(pair.server('green'), (green) => makePlan(green, converting(databases)));

  test('asks a constant number of questions, besides one for each table that is converted', async () => {
    const questions = (databases: readonly string[]) => Session.use(pair.server('green'), async (green) => {
      const count = async () => Number((await green.row<{ Value: string }>(`SHOW SESSION STATUS LIKE 'Questions'`))?.Value);
      const before = await count();
      const { steps } = await makePlan(green, converting(databases));
      return await count() - before - steps.filter(({ kind }) => kind === 'TABLE').length;
    });
    expect(await questions(['many'])).toBe(await questions(['few']));
  });

  test('skips what is utf8mb4 already', async () => {
    const { skippedTables, steps } = await made(['many']);
    expect([skippedTables, steps.filter(({ kind }) => kind === 'TABLE').length]).toEqual([20, 20]);
  });

  test('leaves views alone', async () => {
    const { steps } = await made(['few']);
    expect(steps.map(({ object }) => object)).not.toContain('v');
  });

  test('puts parent and child into one unit', async () => {
    const units = new Map((await made(['few'])).steps.map(({ object, unit }) => [object, unit]));
    expect([units.get('t1') === units.get('child'), units.get('t2') === units.get('friend'), units.get('t1') === units.get('t2')]).toEqual([true, true, false]);
  });

  test('wants the applier to stand still for children of cascading foreign keys only', async () => {
    const { steps } = await made(['few']);
    expect(steps.filter(({ needsPause }) => needsPause).map(({ object }) => object)).toEqual(['child']);
  });

  test('does nothing where the schema shall stay', async () => {
    const plan = await Session.use(pair.server('green'), (green) => makePlan(green, settingsOf({ migration: { kind: 'none' } })));
    expect(plan).toEqual({ steps: [], skippedTables: 0 });
  });

  test('is empty for a database that does not exist', async () => {
    expect((await made(['nowhere'])).steps).toEqual([]);
  });
});
