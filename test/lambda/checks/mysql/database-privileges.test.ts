import { type MysqlContext } from '../../../../lambda/checks/mysql/context';
import { databasePrivileges } from '../../../../lambda/checks/mysql/database-privileges';
import { type Session } from '../../../../lambda/mysql/session';
import { type PipelineSettings } from '../../../../lib/private/contract';

/** What a server answers; everything that is asked of it is noted. */
interface Answers {
  readonly grants: readonly string[];
  /** @default '8.0.42' */
  readonly version?: string;
  /** @default 'NONE' */
  readonly roles?: string;
  /** @default - a version that does not know it */
  readonly partialRevokes?: 'ON' | 'OFF';
  /** Definers of programs other than our user. @default none */
  readonly definers?: readonly string[];
}

class FakeServer {
  public readonly asked: string[] = [];

  constructor(private readonly answers: Answers) {}

  public row(sql: string): Promise<unknown> {
    const { version = '8.0.42', roles = 'NONE', partialRevokes } = this.answers;
    if (sql.includes('@@version')) return Promise.resolve({ version });
    if (sql.startsWith('SHOW GLOBAL VARIABLES')) return Promise.resolve(partialRevokes === undefined ? undefined : { Value: partialRevokes });
    return version.startsWith('5.') ? Promise.reject(Object.assign(new Error('FUNCTION CURRENT_ROLE does not exist'), { errno: 1305 })) : Promise.resolve({ roles });
  }

  public rows(sql: string): Promise<unknown[]> {
    this.asked.push(sql);
    if (!sql.startsWith('SHOW GRANTS')) return Promise.resolve((this.answers.definers ?? []).map((definer) => ({ definer })));
    return Promise.resolve(this.answers.grants.map((line) => ({ 'Grants for pipeline@%': `${line} ${line.startsWith('REVOKE') ? 'FROM' : 'TO'} \`pipeline\`@\`%\`` })));
  }
}

const CONVERSION = { kind: 'convertCharacterSet', databases: ['shop_eu'], collations: {} };

async function messages(server: FakeServer, migration: object = CONVERSION, lockHolders: PipelineSettings['lockHolders'] = 'wait'): Promise<string[]> {
  const settings = { migration, lockHolders } as unknown as PipelineSettings;
  return (await databasePrivileges.run({ settings, blue: server as unknown as Session } as MysqlContext)).map(({ message }) => message);
}

const SEES = 'GRANT SELECT, PROCESS, EVENT ON *.*';
const TWINS = 'GRANT ALL PRIVILEGES ON `blue\\_green\\_proof\\_%`.*';
const LEDGER = 'GRANT CREATE, DROP, INSERT, UPDATE, DELETE, CREATE ROUTINE, ALTER ROUTINE, EXECUTE ON `blue_green_pipeline`.*';
const CALLS = [TWINS, 'GRANT EXECUTE ON PROCEDURE `mysql`.`rds_stop_replication`', 'GRANT EXECUTE ON PROCEDURE `mysql`.`rds_start_replication`', LEDGER];
const CHANGES = 'ALTER, CREATE, INSERT, TRIGGER, SHOW VIEW, LOCK TABLES, CREATE ROUTINE, ALTER ROUTINE';

describe('database-privileges', () => {
  test.each([
    ['on everything', ['GRANT ALL PRIVILEGES ON *.*']],
    ['by name', [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop_eu\`.*`]],
    ['by an escaped name', [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop\\_eu\`.*`]],
    ['by a pattern', [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop%\`.*`]],
    ['in several lines', ['GRANT SELECT, ALTER, CREATE, INSERT, TRIGGER, SHOW VIEW, EVENT, EXECUTE ON *.*', TWINS, LEDGER, 'GRANT LOCK TABLES, CREATE ROUTINE, ALTER ROUTINE ON `shop_eu`.*']],
  ])('accepts what is needed when it is granted %s', async (_, grants) => {
    expect(await messages(new FakeServer({ grants }))).toEqual([]);
  });

  test('refuses a user from whom a database is withheld, by name', async () => {
    const grants = ['GRANT ALL PRIVILEGES ON *.*', 'REVOKE INSERT, EVENT ON `mysql`.*', 'REVOKE SELECT, ALTER ON `shop_eu`.*', 'REVOKE EVENT ON `odd``one`.*'];
    expect(await messages(new FakeServer({ grants, partialRevokes: 'ON' }))).toEqual([
      expect.stringMatching(/lacks SELECT on \*\.\* \(it is revoked in shop_eu\): .*neither converted nor compared/),
      expect.stringMatching(/lacks EVENT on \*\.\* \(it is revoked in odd`one\): /),
      expect.stringMatching(/lacks ALTER on database 'shop_eu'/),
    ]);
  });

  test('takes patterns for names where the server does', async () => {
    const grants = [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop%\`.*`];
    expect(await messages(new FakeServer({ grants, partialRevokes: 'OFF' }))).toEqual([]);
    expect(await messages(new FakeServer({ grants, partialRevokes: 'ON' }))).toEqual([expect.stringMatching(/on database 'shop_eu'/), expect.stringMatching(/on databases blue_green_proof_…/)]);
  });

  test('looks at the most exact of several grants that cover a database, as MySQL does', async () => {
    const grants = [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop%\`.*`, 'GRANT UPDATE ON `sho%`.*'];
    expect(await messages(new FakeServer({ grants }))).toEqual([]);
    expect(await messages(new FakeServer({ grants: [...grants, `GRANT ${CHANGES.replace(' TRIGGER,', '')} ON \`shop\\_eu\`.*`] }))).toEqual([expect.stringMatching(/lacks TRIGGER on database 'shop_eu'/)]);
  });

  test('refuses a user who cannot keep the ledger', async () => {
    expect(await messages(new FakeServer({ grants: [SEES, ...CALLS.filter((grant) => grant !== LEDGER), `GRANT ${CHANGES} ON \`shop_eu\`.*`] }))).toEqual([
      expect.stringMatching(/lacks CREATE, DROP, .*EXECUTE on database blue_green_pipeline: the ledger/),
    ]);
  });

  test('refuses a user who cannot see everything', async () => {
    expect(await messages(new FakeServer({ grants: [...CALLS, `GRANT SELECT, EVENT, ${CHANGES} ON \`shop_eu\`.*`] }))).toEqual([
      expect.stringMatching(/lacks SELECT on \*\.\*.*neither converted nor compared/),
      expect.stringMatching(/lacks EVENT on \*\.\*.*would stay disabled after the switchover/),
    ]);
  });

  test('refuses a user from whom MySQL hides triggers', async () => {
    const grants = [SEES, ...CALLS, 'GRANT ALTER, CREATE, INSERT, SHOW VIEW, LOCK TABLES, CREATE ROUTINE, ALTER ROUTINE ON `shop_eu`.*', 'GRANT TRIGGER ON `shop`.*', 'GRANT TRIGGER ON `shop_eu`.`orders`'];
    expect(await messages(new FakeServer({ grants }))).toEqual([expect.stringMatching(/lacks TRIGGER on database 'shop_eu'.*docs\/permissions\.md/)]);
  });

  test('refuses a user who cannot make empty copies to try the migration on', async () => {
    const grants = [SEES, ...CALLS.slice(1), `GRANT ${CHANGES} ON \`shop_eu\`.*`, 'GRANT CREATE, DROP, INSERT, INDEX, REFERENCES ON `blue\\_green\\_proof\\_%`.*'];
    expect(await messages(new FakeServer({ grants }))).toEqual([expect.stringMatching(/lacks ALTER, CREATE TEMPORARY TABLES on databases blue_green_proof_…/)]);
  });

  test('refuses a user who cannot try the programs of SQL files there', async () => {
    const migration = { kind: 'sqlFiles', database: 'shop_eu', others: [] };
    expect(await messages(new FakeServer({ grants: [SEES, ...CALLS] }), migration)).toEqual([]);
    const twins = 'GRANT CREATE, ALTER, DROP, INSERT, UPDATE, DELETE, INDEX, REFERENCES, CREATE TEMPORARY TABLES, CREATE ROUTINE, ALTER ROUTINE, EXECUTE ON `blue\\_green\\_proof\\_%`.*';
    expect(await messages(new FakeServer({ grants: [SEES, ...CALLS.slice(1), twins] }), migration)).toEqual([expect.stringMatching(/lacks CREATE VIEW, SHOW VIEW, TRIGGER on databases blue_green_proof_…/)]);
  });

  test('refuses a user who cannot start replication again', async () => {
    const grants = [SEES, ...CALLS.filter((grant) => !grant.includes('rds_start_replication')), `GRANT ${CHANGES} ON \`shop_eu\`.*`];
    expect(await messages(new FakeServer({ grants }))).toEqual([expect.stringMatching(/lacks EXECUTE on mysql\.rds_start_replication:/)]);
  });

  test('refuses a user who shall end sessions that hold locks, and cannot', async () => {
    const grants = [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop_eu\`.*`];
    expect(await messages(new FakeServer({ grants }), CONVERSION, 'end')).toEqual([expect.stringMatching(/lacks EXECUTE on mysql\.rds_kill: .*\(lockHolders\)/)]);
    expect(await messages(new FakeServer({ grants: [...grants, 'GRANT EXECUTE ON PROCEDURE `mysql`.`rds_kill`'] }), CONVERSION, 'end')).toEqual([]);
    expect(await messages(new FakeServer({ grants }), { kind: 'none' }, 'end')).toEqual([]);
  });

  test('refuses a user who cannot create programs for their definers, unless there are none', async () => {
    const grants = [SEES, ...CALLS, `GRANT ${CHANGES} ON \`shop_eu\`.*`];
    const definers = ['admin@%', 'batch@10.0.%'];
    expect(await messages(new FakeServer({ grants, definers }))).toEqual([expect.stringMatching(/lacks SET_ANY_DEFINER.*\(admin@%, batch@10\.0\.%\)/)]);
    expect(await messages(new FakeServer({ grants: [...grants, 'GRANT SET_USER_ID ON *.*'], definers }))).toEqual([]);
  });

  test('counts what active roles bring', async () => {
    const server = new FakeServer({ grants: ['GRANT ALL PRIVILEGES ON *.*', 'GRANT `rds_superuser_role`@`%`'], roles: '`rds_superuser_role`@`%`' });
    expect(await messages(server)).toEqual([]);
    expect(server.asked).toContain('SHOW GRANTS FOR CURRENT_USER() USING `rds_superuser_role`@`%`');
  });

  test('asks MySQL 5.7, which knows no roles and no such privileges, for the grants alone', async () => {
    const server = new FakeServer({ grants: [TWINS, LEDGER, 'GRANT SELECT, EVENT, EXECUTE, ALTER, CREATE, INSERT, TRIGGER, SHOW VIEW, LOCK TABLES, CREATE ROUTINE, ALTER ROUTINE ON *.*'], version: '5.7.44', definers: ['batch@%'] });
    expect(await messages(server)).toEqual([]);
    expect(server.asked).toEqual(['SHOW GRANTS FOR CURRENT_USER()']);
  });
});
