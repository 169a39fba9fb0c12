import { withProof } from '../../../lambda/migration/proof';
import { type FileStatement } from '../../../lambda/migration/sql-files';
import { proveStatements } from '../../../lambda/migration/statement-proof';
import { Session } from '../../../lambda/mysql/session';
import { openPair, type Pair } from '../helpers/pair';

type Written = Partial<FileStatement> & Pick<FileStatement, 'sql'>;

const alter = (sql: string, name: string, schema: string | null = null): Written => ({ sql, objects: [{ kind: 'table', schema, name }] });
const program = (sql: string): Written => ({ sql, runner: 'task' });
const data = (sql: string): Written => ({ sql, effect: 'data' });
const call = (sql: string): Written => ({ sql, runner: 'task', effect: 'anything' });

describe('the proof of statements of files', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await openPair({
      prepare: async (connection) => {
        for (const database of ['shop', 'stock']) await connection.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
        await connection.query('USE shop');
        await connection.query('CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, age INT, mail VARCHAR(40))');
        await connection.query(`INSERT INTO customers VALUES (1, 'Ann', -1, 'a@x'), (2, 'Bob', 20, 'a@x')`);
        await connection.query('CREATE TABLE orders (id INT PRIMARY KEY, customer INT, amount INT, KEY customer (customer), CONSTRAINT buyer FOREIGN KEY (customer) REFERENCES customers (id))');
        await connection.query('INSERT INTO orders VALUES (1, 1, NULL)');
        await connection.query('CREATE TABLE stock.items (id INT PRIMARY KEY, n INT)');
        await connection.query('CREATE VIEW totals AS SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer');
        await connection.query('CREATE TRIGGER watch BEFORE UPDATE ON orders FOR EACH ROW SET NEW.amount = NEW.amount');
        await connection.query('CREATE PROCEDURE widen() ALTER TABLE orders ADD note VARCHAR(20)');
        await connection.query(`CREATE PROCEDURE anything() BEGIN SET @s = 'DROP TABLE shop.orders'; PREPARE s FROM @s; EXECUTE s; END`);
        await connection.query('CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders WHERE id = 0');
      },
    });
    await pair.run('green', 'CREATE DATABASE blue_green_pipeline');
  });
  afterAll(() => pair?.close());

  const prove = (...written: readonly Written[]) => Session.use(pair.server('green'), (green) => withProof(green, (proof) => proveStatements(proof, green, written.map((one, index) => ({
    file: '01.sql', line: 10 * (index + 1), database: 'shop', session: [], runner: 'worker', effect: 'definition', objects: [], ...one,
  })))));
  const refusal = (...written: readonly Written[]) => prove(...written).then(() => 'nothing was refused', (thrown: Error) => thrown.message);
  const everything = () => pair.run(
    'green',
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, CAST(CREATE_TIME AS CHAR) AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema', 'blue_green_pipeline')
      UNION ALL SELECT ROUTINE_SCHEMA, ROUTINE_NAME, CAST(LAST_ALTERED AS CHAR) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ('mysql', 'sys')
      UNION ALL SELECT TRIGGER_SCHEMA, TRIGGER_NAME, CAST(CREATED AS CHAR) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA <> 'sys'
      UNION ALL SELECT EVENT_SCHEMA, EVENT_NAME, CAST(LAST_ALTERED AS CHAR) FROM information_schema.EVENTS ORDER BY 1, 2`,
  );

  test('goes through for what can be done, and changes nothing', async () => {
    const before = await everything();
    await expect(prove(
      alter('ALTER TABLE orders ADD note VARCHAR(20), ADD KEY (amount)', 'orders'),
      alter('ALTER TABLE stock.items ADD place INT', 'items', 'stock'),
      alter('ALTER TABLE customers RENAME COLUMN name TO full_name, CHANGE mail `e-mail` VARCHAR(40)', 'customers'),
      alter('CREATE TABLE coupons (code VARCHAR(9) PRIMARY KEY, customer INT, FOREIGN KEY (customer) REFERENCES shop.customers (id))', 'coupons'),
      data(`INSERT INTO coupons VALUES ('x', (SELECT id FROM customers WHERE full_name = 'Ann'))`),
      data('UPDATE shop.orders o JOIN stock.items i ON i.id = o.id SET o.amount = i.n + i.place'),
      program('DROP TRIGGER watch'),
      program('CREATE TRIGGER watch2 BEFORE UPDATE ON orders FOR EACH ROW SET NEW.note = OLD.note'),
      program('CREATE OR REPLACE VIEW shop.totals AS SELECT customer, note FROM orders'),
      program('ALTER EVENT nightly COMMENT \'at night\''),
      program('DROP PROCEDURE shop.anything'),
      program('CREATE DATABASE archive'),
      alter('CREATE TABLE archive.t (id INT)', 't', 'archive'),
      program('DROP DATABASE archive'),
    )).resolves.toMatchObject({ warnings: [] });
    expect(await everything()).toEqual(before);
    expect(await pair.run('green', `SHOW DATABASES LIKE '%proof%'`)).toEqual([]);
  });

  test('names file, line and MySQL\'s words, of everything that fails at once', async () => {
    const message = await refusal(
      alter('ALTER TABLE orders\n  ADD a INT,\n  ADDD b INT', 'orders'),
      alter('ALTER TABLE orders DROP COLUMN missing', 'orders'),
      alter('ALTER TABLE nowhere ADD a INT', 'nowhere'),
      data('UPDATE customers SET surname = 1'),
      { ...alter('CREATE TABLE t (v VARCHAR(2000), KEY (v))', 't'), session: [`SET sql_mode = 'STRICT_ALL_TABLES'`] },
      { ...alter('CREATE TABLE t (v INT)', 't'), database: 'typo' },
    );
    expect(message).toMatch(/6 things speak against it/);
    expect(message).toMatch(/1\. 01\.sql:12: error 1064 \(42000\): You have an error in your SQL syntax.*near 'ADDD b INT'\. Statement:/);
    expect(message).toMatch(/01\.sql:20: error 1091 \(42000\): Can't DROP 'missing'/);
    expect(message).toMatch(/01\.sql:30: error 1146 \(42S02\): Table 'shop\.nowhere' doesn't exist/);
    expect(message).toMatch(/01\.sql:40: error 1054 \(42S22\): Unknown column 'surname'/);
    expect(message).toMatch(/01\.sql:50: error 1071 \(42000\): Specified key was too long/);
    expect(message).toMatch(/01\.sql:60: error 1049 \(42000\): Unknown database 'typo'/);
  });

  test('refuses what replication would not survive, though every statement is right', async () => {
    const before = await everything();
    const message = await refusal(
      alter('ALTER TABLE orders ADD first INT FIRST', 'orders'),
      alter('ALTER TABLE customers MODIFY name VARCHAR(20) NOT NULL, MODIFY age INT UNSIGNED, ADD UNIQUE KEY one_mail (mail)', 'customers'),
      alter('RENAME TABLE stock.items TO stock.things', 'items', 'stock'),
    );
    expect(message).toMatch(/shop\.orders \(01\.sql:10\): column 1, 'id': .*\(CORRUPTS\)/);
    expect(message).toMatch(/shop\.customers \(01\.sql:20\): column 2, 'name': .*\(STOPS\)/);
    expect(message).toMatch(/stock\.items \(01\.sql:30\): the table is gone afterwards/);
    expect(await refusal(alter('ALTER TABLE orders MODIFY amount INT NOT NULL', 'orders'))).toMatch(/shop\.orders: column 3, 'amount': NULL becomes 0.*and there are such values.*Find them: SELECT EXISTS/);
    expect(await refusal(alter('ALTER TABLE customers ADD UNIQUE KEY one_mail (mail)', 'customers'))).toMatch(/shop\.customers: key 'one_mail' has rows that are equal/);
    expect(await everything()).toEqual(before);
  });

  test('asks whether Blue writes rows that a new constraint would refuse', async () => {
    const before = await everything();
    const grown = (added: string) => alter(`ALTER TABLE customers ADD ${added}`, 'customers');
    expect(await refusal(grown('CONSTRAINT grown CHECK (age >= 0)'))).toMatch(/shop\.customers: CHECK \(\(`age` >= 0\)\) is not on Blue.*3819.*Find them: SELECT EXISTS/);
    expect(await refusal(grown('code INT NOT NULL UNIQUE'))).toMatch(/shop\.customers \(01\.sql:10\): key 'code' is unique, and every row of Blue gets the same value/);
    expect(await refusal(grown('FOREIGN KEY (id) REFERENCES orders (id) ON DELETE CASCADE'))).toMatch(/would change others on Green only \(CORRUPTS\)/);
    await expect(prove(grown('CHECK (age < 200)'), grown('code INT UNIQUE'), grown('CONSTRAINT loose CHECK (age > 0) NOT ENFORCED'))).resolves.toMatchObject({ warnings: [] });
    await expect(prove(alter('ALTER TABLE orders RENAME COLUMN customer TO buyer', 'orders'), alter('ALTER TABLE customers RENAME COLUMN id TO number', 'customers'))).resolves.toMatchObject({ warnings: [] });
    await expect(prove(grown('FOREIGN KEY (id) REFERENCES orders (id)'))).resolves.toMatchObject({ warnings: [expect.stringContaining('1452 or 1451')] });
    expect(await everything()).toEqual(before);
  });

  test('calls a procedure whose text shows what it does, and no other', async () => {
    const before = await everything();
    await expect(prove(call('CALL widen()'), data('UPDATE orders SET note = 1'))).resolves.toMatchObject({ warnings: [] });
    expect(await refusal(call('CALL anything()'))).toMatch(/01\.sql:10: it cannot be tried before: a procedure that is named in the files prepares statements from texts/);
    expect(await everything()).toEqual(before);
  });

  test('touches nothing that has no copy', async () => {
    const before = await everything();
    expect(await refusal(alter('DROP TABLE blue_green_pipeline.twin', 'twin', 'blue_green_pipeline'))).toMatch(/belongs to the server or to the pipeline/);
    expect(await refusal(alter('DROP TABLE blue_green_proof_1.orders', 'orders', 'blue_green_proof_1'))).toMatch(/belongs to the server or to the pipeline/);
    expect(await refusal(alter('DROP TABLE shop.orders, `shop`.`customers`', 'orders', 'shop'))).toMatch(/shop\.orders \(01\.sql:10\): the table is gone afterwards/);
    expect(await refusal(program('DROP DATABASE stock'), data('SELECT 1 FROM stock.items'))).toMatch(/stock\.items: the table is gone afterwards/);
    expect(await refusal({ sql: 'SHUTDOWN', effect: 'anything' })).toMatch(/what it does is not known/);
    expect(await everything()).toEqual(before);
  });
});
