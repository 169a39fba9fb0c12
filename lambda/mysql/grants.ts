import { property } from '../shared/errors';
import { quoteTable, SYSTEM_SCHEMAS } from './names';
import { type Session } from './session';

/** "No such function": before 8.0 there are no roles. */
const NO_SUCH_FUNCTION = 1305;

/** What was granted on one level: `*.*` or all tables of databases. */
interface Grant {
  readonly privileges: readonly string[];
  readonly everywhere: boolean;
  readonly covers: (database: string) => boolean;
  /** How much of the pattern means itself: of several that cover a database, MySQL looks at the most exact one only. */
  readonly exactness: number;
}

/** Privileges that somebody who has them on `*.*` does not have in one database (partial_revokes). */
interface Revocation {
  readonly privileges: readonly string[];
  readonly database: string;
}

/** What our user may do, its active roles included; grants on single tables are left out. */
export class Grants {
  /** Reads them. MySQL shows everybody his own. */
  public static async of(session: Session): Promise<Grants> {
    const role = await session.row<{ roles: string }>('SELECT CURRENT_ROLE() AS roles').catch((thrown: unknown) => {
      if (property(thrown, 'errno') === NO_SUCH_FUNCTION) return undefined;
      throw thrown;
    });
    const using = role === undefined || role.roles === 'NONE' ? '' : ` USING ${role.roles}`;
    const rows = await session.rows<Record<string, string>>(`SHOW GRANTS FOR CURRENT_USER()${using}`);
    const lines = rows.flatMap((row) => Object.values(row));
    // with partial revokes, `%` and `_` mean themselves.
    const server = await session.row<{ Value: string }>(`SHOW GLOBAL VARIABLES WHERE Variable_name = 'partial_revokes'`);
    const isPlain = server?.Value === 'ON';
    const grants = lines.map((line) => granted(line, isPlain)).filter((grant) => grant !== undefined);
    return new Grants(grants, lines.map(revoked).filter((revocation) => revocation !== undefined), lines);
  }

  private constructor(
    private readonly grants: readonly Grant[], private readonly revocations: readonly Revocation[], private readonly lines: readonly string[],
  ) {}

  /** Whether a privilege is granted on `*.*`, and taken away in no database but the server's own: RDS does so with its tables. */
  public everywhere(privilege: string): boolean {
    return this.withheld(privilege).length === 0 && this.grants.some((grant) => grant.everywhere && includes(grant, privilege));
  }

  /** The databases, without the server's own, in which a privilege is taken away that is granted on `*.*`. */
  public withheld(privilege: string): string[] {
    const databases = this.revocations.filter((revocation) => includes(revocation, privilege)).map(({ database }) => database);
    return databases.filter((database) => !SYSTEM_SCHEMAS.some((system) => system === database));
  }

  /** Whether a privilege is granted on all tables of a database. */
  public on(database: string, privilege: string): boolean {
    const isRevoked = this.revocations.some((revocation) => revocation.database === database && includes(revocation, privilege));
    if (!isRevoked && this.grants.some((grant) => grant.everywhere && includes(grant, privilege))) return true;
    const patterns = this.grants.filter((grant) => !grant.everywhere && grant.covers(database));
    const most = Math.max(...patterns.map(({ exactness }) => exactness));
    return patterns.some((grant) => grant.exactness === most && includes(grant, privilege));
  }

  /** Whether a procedure may be called. */
  public mayCall(database: string, procedure: string): boolean {
    const granted = ` ON PROCEDURE ${quoteTable(database, procedure)} TO `;
    return this.on(database, 'EXECUTE') || this.lines.some((line) => line.startsWith('GRANT EXECUTE') && line.includes(granted));
  }
}

function includes({ privileges }: Pick<Grant, 'privileges'>, privilege: string): boolean {
  return privileges.includes(privilege) || privileges.includes('ALL PRIVILEGES');
}

/** A line of SHOW GRANTS: GRANT SELECT, INSERT ON `shop`.* TO … */
function granted(line: string, isPlain: boolean): Grant | undefined {
  const [, privileges, level] = /^GRANT (.+) ON (\*|`(?:[^`]|``)+`)\.\* TO /.exec(line) ?? [];
  if (privileges === undefined || level === undefined) return undefined;
  const everywhere = level === '*';
  const written = everywhere ? '' : unquoted(level);
  const pattern = everywhere ? /^/ : isPlain ? undefined : likePattern(written);
  return { privileges: privileges.split(/, ?/), everywhere, exactness: isPlain ? Infinity : exactnessOf(written), covers: (database) => pattern?.test(database) ?? database === written };
}

/** The number of characters before the first one that stands for others. */
function exactnessOf(pattern: string): number {
  const own = /^(?:\\.|[^\\%_])*/s.exec(pattern)?.[0] ?? '';
  return own.length === pattern.length ? Infinity : own.length;
}

/** A line of SHOW GRANTS: REVOKE SELECT ON `shop`.* FROM … */
function revoked(line: string): Revocation | undefined {
  const [, privileges, level] = /^REVOKE (.+) ON (`(?:[^`]|``)+`)\.\* FROM /.exec(line) ?? [];
  return privileges === undefined || level === undefined ? undefined : { privileges: privileges.split(/, ?/), database: unquoted(level) };
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('``', '`');
}

/** Databases are granted on by patterns: `%` and `_`, a backslash before a character that is meant itself. */
function likePattern(like: string): RegExp {
  const parts = like.match(/\\.|[^\\]/gs) ?? [];
  const words = parts.map((part) => (part === '%' ? '.*' : part === '_' ? '.' : part.replace(/^\\/, '').replace(/[.*+?^${}()|[\]\\]/, '\\$&')));
  return new RegExp(`^${words.join('')}$`, 's');
}
