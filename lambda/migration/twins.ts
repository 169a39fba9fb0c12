import { quoteName } from '../mysql/names';
import { type Session } from '../mysql/session';
import { property } from '../shared/errors';
import { LEDGER_SCHEMA } from './worker-procedure';

const NAME = 'blue_green_proof_';
/** What a twin is called. */
export const TWIN_NAMES = new RegExp(`^${NAME}\\d+$`, 'i');
/** No such table, no such database. */
const MISSING = [1049, 1146];

/**
 * Empty schemas on Green, each the twin of one, in which the plan is proved. They are written down before they are made, so that whoever comes
 * after a crash knows which are ours, and drops no other.
 */
export class Twins {
  /** Drops what an earlier proof has left, and makes nothing yet. */
  public static async open(session: Session): Promise<Twins> {
    await session.run(`CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.twin (twin_name VARCHAR(64) NOT NULL PRIMARY KEY, schema_name VARCHAR(64) NOT NULL) ENGINE = InnoDB`);
    await dropTwins(session);
    const rows = await session.rows<{ name: string }>(`SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, ${NAME.length}) = '${NAME}'`);
    return new Twins(session, new Set(rows.map(({ name }) => name.toLowerCase())));
  }

  private readonly names = new Map<string, Promise<string>>();
  private last = 0;

  private constructor(private readonly session: Session, private readonly taken: ReadonlySet<string>) {}

  /** The name of a schema's twin, which is made when it is asked for the first time, with the same defaults. */
  public async of(schema: string): Promise<string> {
    const name = this.names.get(schema) ?? this.make(schema);
    this.names.set(schema, name);
    return name;
  }

  /** A text of MySQL, with the names of the schemas instead of their twins'. */
  public async unmasked(text: string): Promise<string> {
    let unmasked = text;
    for (const [schema, name] of this.names) unmasked = unmasked.replaceAll(new RegExp(`\\b${await name}\\b`, 'g'), () => schema);
    return unmasked;
  }

  /** Removes them. */
  public async drop(): Promise<void> {
    await dropTwins(this.session);
  }

  private async make(schema: string): Promise<string> {
    const name = this.freeName();
    const row = await this.session.row<{ characterSet: string; collation: string }>(
      'SELECT DEFAULT_CHARACTER_SET_NAME AS characterSet, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [schema],
    );
    await this.session.run(`INSERT INTO ${LEDGER_SCHEMA}.twin (twin_name, schema_name) VALUES (?, ?)`, [name, schema]);
    // what does not exist is made by the statement that makes it.
    if (row !== undefined) await this.session.run(`CREATE DATABASE ${name} CHARACTER SET ${row.characterSet} COLLATE ${row.collation}`);
    return name;
  }

  private freeName(): string {
    do this.last += 1; while (this.taken.has(`${NAME}${this.last}`));
    return `${NAME}${this.last}`;
  }
}

/** Drops every twin of which this server's ledger knows. May be called where there is no ledger. */
export async function dropTwins(session: Session): Promise<void> {
  const twins = await session.rows<{ name: string }>(`SELECT twin_name AS name FROM ${LEDGER_SCHEMA}.twin`).catch((thrown: unknown) => {
    if (MISSING.includes(Number(property(thrown, 'errno')))) return [];
    throw thrown;
  });
  for (const { name } of twins) {
    await session.run(`DROP DATABASE IF EXISTS ${quoteName(name)}`);
    await session.run(`DELETE FROM ${LEDGER_SCHEMA}.twin WHERE twin_name = ?`, [name]);
  }
}
