import { property } from '../shared/errors';
import { quoteTable } from './names';
import { type Session } from './session';

/** "No such function": before 8.0 there are no roles. */
const NO_SUCH_FUNCTION = 1305;

/** What was granted on one level: `*.*` or all tables of databases. */
interface Grant {
  readonly privileges: readonly string[];
  readonly covers: (database: string) => boolean;
  readonly everywhere: boolean;
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
    return new Grants(lines.map(parsed).filter((grant) => grant !== undefined), lines);
  }

  private constructor(private readonly grants: readonly Grant[], private readonly lines: readonly string[]) {}

  /** Whether a privilege is granted on `*.*`. */
  public everywhere(privilege: string): boolean {
    return this.grants.some((grant) => grant.everywhere && includes(grant, privilege));
  }

  /** Whether a privilege is granted on all tables of a database. */
  public on(database: string, privilege: string): boolean {
    return this.grants.some((grant) => grant.covers(database) && includes(grant, privilege));
  }

  /** Whether a procedure may be called. */
  public mayCall(database: string, procedure: string): boolean {
    const granted = ` ON PROCEDURE ${quoteTable(database, procedure)} TO `;
    return this.on(database, 'EXECUTE') || this.lines.some((line) => line.startsWith('GRANT EXECUTE') && line.includes(granted));
  }
}

function includes({ privileges }: Grant, privilege: string): boolean {
  return privileges.includes(privilege) || privileges.includes('ALL PRIVILEGES');
}

/** A line of SHOW GRANTS: GRANT SELECT, INSERT ON `shop`.* TO … */
function parsed(line: string): Grant | undefined {
  const [, privileges, level] = /^GRANT (.+) ON (\*|`(?:[^`]|``)+`)\.\* TO /.exec(line) ?? [];
  if (privileges === undefined || level === undefined) return undefined;
  const everywhere = level === '*';
  const pattern = everywhere ? /^/ : likePattern(level.slice(1, -1).replaceAll('``', '`'));
  return { privileges: privileges.split(/, ?/), everywhere, covers: (database) => pattern.test(database) };
}

/** Databases are granted on by patterns: `%` and `_`, a backslash before a character that is meant itself. */
function likePattern(like: string): RegExp {
  const parts = like.match(/\\.|[^\\]/gs) ?? [];
  const words = parts.map((part) => (part === '%' ? '.*' : part === '_' ? '.' : part.replace(/^\\/, '').replace(/[.*+?^${}()|[\]\\]/, '\\$&')));
  return new RegExp(`^${words.join('')}$`, 's');
}
