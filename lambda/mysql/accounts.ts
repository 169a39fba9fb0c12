import { type Session } from './session';

/** Accounts RDS makes and keeps itself; no statement of a user changes them. */
const OF_RDS = `(User IN ('rdsadmin', 'rdsrepladmin', 'rdsrepladmin_priv_checks_user', 'rdsgrprepladmin', 'rdsproxyadmin', 'rdstopmgr', 'rds_superuser_role')
  OR (User LIKE 'rds%' AND Host = 'localhost') OR User LIKE 'mysql.%' OR User REGEXP '^AWS_.*_ACCESS$')`;

/** As information_schema writes it. */
const ACCOUNT = `CONCAT('''', User, '''@''', Host, '''')`;

/** An account as it logs in. */
export interface AccountFacts {
  readonly plugin: string;
  /** A digest of what it proves itself with; never that itself. */
  readonly secret: string;
  readonly isLocked: boolean;
}

/** Who may log in to a server, and what for. */
export interface Accounts {
  /** The version of the server; with another one, there are other privileges. */
  readonly version: string;
  /** By `'user'@'host'`. */
  readonly known: ReadonlyMap<string, AccountFacts>;
  /** By the same; those of its roles are theirs. */
  readonly privileges: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Reads them; the user needs SELECT on the database `mysql`.
 */
export async function accountsOf(session: Session): Promise<Accounts> {
  const { version = '' } = await session.row<{ version: string }>('SELECT @@version AS version') ?? {};
  const rows = await session.rows<{ account: string; plugin: string; secret: string; locked: string }>(
    `SELECT ${ACCOUNT} AS account, plugin, SHA2(COALESCE(authentication_string, ''), 256) AS secret, account_locked AS locked FROM mysql.user WHERE NOT ${OF_RDS}`,
  );
  const privileges = new Map(rows.map(({ account }) => [account, new Set<string>()]));
  for (const { account, what } of await grantsOf(session, Number.parseFloat(version))) privileges.get(account)?.add(what);
  return { version, privileges, known: new Map(rows.map(({ account, plugin, secret, locked }) => [account, { plugin, secret, isLocked: locked === 'Y' }])) };
}

async function grantsOf(session: Session, version: number): Promise<{ account: string; what: string }[]> {
  const privileges = await session.rows<{ account: string; what: string }>(
    `SELECT GRANTEE AS account, CONCAT(PRIVILEGE_TYPE, ' ON *.*') AS what FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE <> 'USAGE'
      UNION ALL SELECT GRANTEE, CONCAT(PRIVILEGE_TYPE, ' ON ', TABLE_SCHEMA, '.*') FROM information_schema.SCHEMA_PRIVILEGES
      UNION ALL SELECT GRANTEE, CONCAT(PRIVILEGE_TYPE, ' ON ', TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLE_PRIVILEGES
      UNION ALL SELECT GRANTEE, CONCAT(PRIVILEGE_TYPE, ' (', COLUMN_NAME, ') ON ', TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.COLUMN_PRIVILEGES`,
  );
  // whoever makes a routine may run it; the pipeline makes its own on Green alone.
  const routines = await session.rows<{ account: string; what: string }>(
    `SELECT ${ACCOUNT} AS account, CONCAT(UPPER(Proc_priv), ' ON ', Routine_type, ' ', Db, '.', Routine_name) AS what FROM mysql.procs_priv WHERE Db NOT LIKE 'blue\\_green\\_%'`,
  );
  // roles came with 8.0.
  const roles = version < 8 ? [] : await session.rows<{ account: string; what: string }>(
    `SELECT CONCAT('''', TO_USER, '''@''', TO_HOST, '''') AS account, CONCAT('ROLE ''', FROM_USER, '''@''', FROM_HOST, '''') AS what FROM mysql.role_edges
      UNION ALL SELECT CONCAT('''', USER, '''@''', HOST, ''''), CONCAT('DEFAULT ROLE ''', DEFAULT_ROLE_USER, '''@''', DEFAULT_ROLE_HOST, '''') FROM mysql.default_roles`,
  );
  return [...privileges, ...routines, ...roles];
}
