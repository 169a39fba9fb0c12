import { columnsOf } from '../compatibility/classify-table';
import { foreignKeysOf, marks } from '../mysql/inventory';
import { quoteName, quoteTable, SYSTEM_SCHEMAS, tableKey } from '../mysql/names';
import { type Row, type Session } from '../mysql/session';
import { messageOf, property } from '../shared/errors';
import { sqlTokens } from '../shared/sql-tokens';
import { type Proof } from './proof';
import { createdSchemas, schemaReferences, UncertainStatement, withSchemas } from './schema-references';
import { type FileStatement } from './sql-files';
import { STATEMENT_SESSION } from './statement-procedure';
import { type LeftOut } from './statement-steps';
import { makeTwin, printedTable } from './twin-tables';
import { TWIN_NAMES } from './twins';

type Kind = 'TABLE' | 'VIEW' | 'PROCEDURE' | 'FUNCTION' | 'TRIGGER' | 'EVENT';

/** Something that exists on Green. */
interface Existing {
  readonly kind: Kind;
  readonly schema: string;
  readonly name: string;
}

/** Something that has a copy. */
interface Copied extends Existing {
  readonly printed: string;
}

/** What a statement does to the copies: everything it says, as far as the server can prepare it, or nothing, because it changes nothing. */
type Trial = 'run' | 'prepare' | 'leave out';

const LONGEST_STATEMENT = 300;
/** How statements begin that make a program, whose body is not run by that, or a view. */
const PROGRAM = /^CREATE (?:.* )?(?:PROCEDURE|FUNCTION|TRIGGER|EVENT|VIEW)\b/;
/** How statements begin that are about more than databases; files with them do not get so far. */
const BEYOND_DATABASES = /^(?:CREATE|ALTER|DROP|RENAME) (?:USER|ROLE|SERVER|TABLESPACE|UNDO|LOGFILE|RESOURCE|INSTANCE)\b/;
const NOT_OF_THE_SESSION = /\b(?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD)\b/;
/** Words of a program that acts beyond its schema, or in a way its text does not show: it is not called. */
const FAR_REACHING = new RegExp(`\\b(?:${[
  'PREPARE|KILL|GRANT|REVOKE|FLUSH|RESET|PURGE|INSTALL|UNINSTALL|SHUTDOWN|RESTART|OUTFILE|DUMPFILE|LOAD_FILE|LAMBDA_SYNC|LAMBDA_ASYNC|GLOBAL|PERSIST|PERSIST_ONLY|SET PASSWORD',
  '(?:CREATE|ALTER|DROP|RENAME) (?:USER|ROLE|SERVER|TABLESPACE|UNDO|LOGFILE|RESOURCE|INSTANCE)',
  '(?:START|STOP|CHANGE) (?:REPLICA|SLAVE|REPLICATION|MASTER|GROUP_REPLICATION)',
].join('|')})\\b`);
/** No such table. */
const MISSING = 1146;
const COLUMN: Readonly<Record<Exclude<Kind, 'TABLE'>, string>> = {
  VIEW: 'Create View', PROCEDURE: 'Create Procedure', FUNCTION: 'Create Function', TRIGGER: 'SQL Original Statement', EVENT: 'Create Event',
};

/**
 * Runs statements of files, in their order, on empty copies of what they name, and hands the tables that they change to the proof. Everything
 * that they name is found by its name, wherever it stands, so a copy too many is made rather than one too few.
 *
 * A statement that names a schema names its twin instead; where it is not certain what it names, or what it does, it is not run but refused.
 * Statements about rows are only prepared: on empty tables they would say little, and fail where they look for a row.
 *
 * @returns the columns that are gone afterwards, or have another name.
 */
export async function proveStatements(proof: Proof, session: Session, statements: readonly FileStatement[]): Promise<readonly LeftOut[]> {
  return statements.length === 0 ? [] : (await StatementProof.begin(proof, session, statements)).run();
}

class StatementProof {
  public static async begin(proof: Proof, session: Session, statements: readonly FileStatement[]): Promise<StatementProof> {
    const rows = await session.rows<{ name: string; caseless: number }>('SELECT SCHEMA_NAME AS name, @@lower_case_table_names AS caseless FROM information_schema.SCHEMATA');
    const existing = new StatementProof(proof, session, statements, rows.some(({ caseless }) => caseless !== 0));
    for (const { name } of rows) existing.addSchema(name);
    return existing;
  }

  private readonly copies = new Map<string, Copied>();
  /** The schemas that exist, and those that statements create, by their names as they are compared. */
  private readonly schemas = new Map<string, string>();
  private reachesFar = false;

  private constructor(
    private readonly proof: Proof, private readonly session: Session, private readonly statements: readonly FileStatement[],
    /** Whether names are found whatever their capitals. */
    private readonly isCaseless: boolean,
  ) {}

  public async run(): Promise<readonly LeftOut[]> {
    await this.makeCopies();
    const sessions = new Map<string, Session>();
    try {
      for (const statement of this.statements) {
        const key = statement.session.join('\0');
        const session = sessions.get(key) ?? await this.newSession();
        if (!sessions.has(key)) for (const setting of statement.session) await this.attempt(statement, () => this.set(session, statement, setting));
        sessions.set(key, session);
        await this.attempt(statement, () => this.execute(session, statement, statement.sql, this.trialOf(statement)));
      }
    } finally {
      await Promise.all([...sessions.values()].map((session) => session.close()));
    }
    const leftOut: LeftOut[] = [];
    for (const copy of this.copies.values()) if (copy.kind === 'TABLE') leftOut.push({ ...copy, columns: await this.judge(copy) });
    return leftOut;
  }

  /** As the statement will have it, but for long waits. */
  private async newSession(): Promise<Session> {
    const session = await this.proof.workerSession();
    await session.run(STATEMENT_SESSION);
    return session;
  }

  private trialOf({ sql, effect }: FileStatement): Trial {
    if (effect === 'data') return 'prepare';
    const words = wordsOf(sql);
    const [first = ''] = words.split(' ', 1);
    if (['SHOW', 'HELP', 'DESCRIBE', 'DESC', 'EXPLAIN', 'CHECKSUM'].includes(first)) return 'leave out';
    if (first === 'CALL') {
      if (!this.reachesFar) return 'run';
      throw new UncertainStatement('a procedure that is named in the files prepares statements from texts, or changes more than its database; write what it does into the files');
    }
    if (!['CREATE', 'ALTER', 'DROP', 'RENAME', 'TRUNCATE', 'ANALYZE', 'CHECK', 'OPTIMIZE', 'REPAIR'].includes(first)) throw new UncertainStatement('what it does is not known');
    if (BEYOND_DATABASES.test(words)) throw new UncertainStatement('it may change more than its database');
    return 'run';
  }

  private async set(session: Session, statement: FileStatement, setting: string): Promise<void> {
    if (NOT_OF_THE_SESSION.test(wordsOf(setting))) throw new UncertainStatement(`${setting} is about more than its session`);
    await this.execute(session, { ...statement, runner: 'task' }, setting, 'run');
  }

  private async execute(session: Session, statement: FileStatement, sql: string, trial: Trial): Promise<void> {
    if (trial === 'leave out') return;
    const aimed = await this.aimed(sql);
    const database = this.find(statement.database);
    if (database === undefined) throw Object.assign(new Error(`Unknown database '${statement.database}'`), { errno: 1049, sqlState: '42000' });
    await session.run(`USE ${quoteName(await this.proof.twins.of(database))}`);
    if (trial === 'run' && statement.runner === 'task') {
      await session.run(aimed);
      return;
    }
    // as a worker does, so that what cannot be prepared is found.
    await session.run('SET @blue_green_pipeline_statement = ?', [aimed]);
    await session.run('PREPARE blue_green_pipeline_statement FROM @blue_green_pipeline_statement');
    if (trial === 'run') await session.run('EXECUTE blue_green_pipeline_statement');
    await session.run('DEALLOCATE PREPARE blue_green_pipeline_statement');
  }

  private async attempt({ file, line, sql }: FileStatement, work: () => Promise<void>): Promise<void> {
    const excerpt = sql.length > LONGEST_STATEMENT ? `${sql.slice(0, LONGEST_STATEMENT)} …` : sql;
    try {
      await work();
    } catch (thrown) {
      if (thrown instanceof UncertainStatement) {
        this.proof.refuse(`${file}:${line}`, `it cannot be tried before: ${thrown.message}. Statement: ${excerpt}`);
        return;
      }
      if (property(thrown, 'errno') === undefined) throw thrown;
      const message = await this.proof.twins.unmasked(messageOf(thrown));
      // MySQL counts the lines from the beginning of the statement.
      const within = / at line (\d+)$/.exec(message)?.[1];
      const place = `${file}:${line + Number(within ?? 1) - 1}`;
      this.proof.refuse(place, `error ${property(thrown, 'errno')} (${property(thrown, 'sqlState') ?? ''}): ${message.replace(/ at line \d+$/, '')}. Statement: ${excerpt}`);
    }
  }

  private addSchema(name: string): void {
    this.schemas.set(this.isCaseless ? name.toLowerCase() : name, this.find(name) ?? name);
  }

  private find(name: string): string | undefined {
    return this.schemas.get(this.isCaseless ? name.toLowerCase() : name);
  }

  /** The statement, with the twins instead of the schemas. */
  private async aimed(sql: string): Promise<string> {
    for (const schema of createdSchemas(sql)) this.addSchema(schema);
    const references = schemaReferences(sql, { find: (name) => this.find(name), mayBeCopied });
    const names = new Map<string, string>();
    for (const { schema } of references) names.set(schema, await this.proof.twins.of(schema));
    return withSchemas(sql, references, (schema) => names.get(schema) ?? schema);
  }

  /** Copies whatever is named anywhere, and what that needs in turn. */
  private async makeCopies(): Promise<void> {
    const schemas = new Set<string>();
    const named = new Set<string>();
    const addSchema = (name: string) => {
      const schema = this.find(name);
      if (schema !== undefined && mayBeCopied(schema)) schemas.add(schema);
    };
    const read = (text: string) => {
      for (const { value, kind } of tokensIn(text).filter((token) => token.kind === 'word' || token.kind === 'name')) {
        named.add(value.toLowerCase());
        if (kind === 'name' || !/^\d+$/.test(value)) addSchema(value);
      }
      const words = wordsOf(text);
      this.reachesFar ||= PROGRAM.test(words) && FAR_REACHING.test(words);
    };
    for (const { database, sql } of this.statements) {
      addSchema(database);
      read(sql);
    }
    const found = new Map<string, Existing>();
    for (let size = -1; size < schemas.size + found.size;) {
      size = schemas.size + found.size;
      for (const one of await this.existingIn([...schemas], named)) {
        if (found.has(keyOf(one))) continue;
        found.set(keyOf(one), one);
        const printed = await this.printed(one);
        if (printed === undefined) continue;
        this.copies.set(keyOf(one), { ...one, printed });
        // a table is named by what it refers to, a program by what it does.
        if (one.kind !== 'TABLE') read(printed);
      }
      for (const { schema, table, parentSchema, parentTable } of await foreignKeysOf(this.session, [...schemas])) {
        const ends = [[schema, table], [parentSchema, parentTable]] as const;
        if (!ends.some(([one, name]) => found.has(keyOf({ kind: 'TABLE', schema: one, name })))) continue;
        for (const [one, name] of ends) {
          addSchema(one);
          named.add(name.toLowerCase());
        }
      }
    }
    await this.createCopies();
  }

  private async createCopies(): Promise<void> {
    const session = await this.proof.workerSession();
    try {
      const all = [...this.copies.values()];
      for (const table of all.filter(({ kind }) => kind === 'TABLE')) {
        await makeTwin(session, this.proof.twins, table).catch(async (thrown: unknown) => {
          if (property(thrown, 'errno') === undefined) throw thrown;
          this.proof.refuse(`${table.schema}.${table.name}`, `error ${property(thrown, 'errno')}: no empty copy of it can be made: ${await this.proof.twins.unmasked(messageOf(thrown))}`);
        });
      }
      // what cannot be made yet may need what comes behind it; what cannot be made at all is missed by the statement that needs it.
      for (let waiting = all.filter(({ kind }) => kind !== 'TABLE'), before = Infinity; waiting.length > 0 && waiting.length < before;) {
        before = waiting.length;
        const failed: Copied[] = [];
        for (const program of waiting) await this.createProgram(session, program).catch(() => failed.push(program));
        waiting = failed;
      }
    } finally {
      await session.close();
    }
  }

  private async createProgram(session: Session, { kind, schema, name, printed }: Copied): Promise<void> {
    await session.run(`USE ${quoteName(await this.proof.twins.of(schema))}`);
    // an event in the past could not be made; that it is there is enough to alter it or drop it.
    const text = kind === 'EVENT' ? `CREATE EVENT ${quoteName(name)} ON SCHEDULE EVERY 1 YEAR DISABLE DO DO 0` : printed.replace(/ DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*`/, '');
    await session.run(await this.aimed(text));
  }

  private async printed({ kind, schema, name }: Existing): Promise<string | undefined> {
    const row: Row | undefined = await this.session.row(`SHOW CREATE ${kind} ${quoteTable(schema, name)}`).catch((thrown: unknown) => {
      if (property(thrown, 'errno') === undefined) throw thrown;
      return undefined;
    });
    const text = row?.[kind === 'TABLE' ? 'Create Table' : COLUMN[kind]];
    return typeof text === 'string' ? text : undefined;
  }

  /** What exists under one of the names, in one query. */
  private async existingIn(schemas: readonly string[], named: ReadonlySet<string>): Promise<Existing[]> {
    const list = marks(schemas);
    const rows = await this.session.rows<Existing>(
      `SELECT IF(TABLE_TYPE = 'VIEW', 'VIEW', 'TABLE') AS kind, TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${list})
       UNION ALL SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${list})
       UNION ALL SELECT 'TRIGGER', TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${list})
       UNION ALL SELECT 'EVENT', EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (${list})`,
      [...schemas, ...schemas, ...schemas, ...schemas],
    );
    return rows.filter(({ name }) => named.has(name.toLowerCase()));
  }

  /** @returns the columns that are left out. */
  private async judge({ schema, name, printed }: Copied): Promise<string[]> {
    const where = `${schema}.${name}${this.originOf(schema, name)}`;
    const after = await printedTable(this.session, quoteTable(await this.proof.twins.of(schema), name)).catch((thrown: unknown) => {
      if (property(thrown, 'errno') === MISSING || property(thrown, 'errno') === 1049) return undefined;
      throw thrown;
    });
    if (after === undefined) {
      this.proof.refuse(where, 'the table is gone afterwards, or has another name, and replication stops (1146) as soon as Blue writes into it (STOPS); drop or rename it after the switchover, or on Blue before');
      return [];
    }
    await this.proof.judgeChange(this.session, { schema, name, printed, after, renamed: this.renamedIn(schema, name) }, where);
    const [before, left] = [printed, after].map((text) => columnsOf(text).map((column) => column.name)) as [string[], string[]];
    return before.filter((column) => !left.includes(column));
  }

  /** Where the files change the table's definition. */
  private originOf(schema: string, name: string): string {
    const places = this.about(schema, name).map(({ file, line }) => `${file}:${line}`);
    return places.length === 0 ? '' : ` (${places.slice(0, 3).join(', ')}${places.length > 3 ? ', …' : ''})`;
  }

  private about(schema: string, name: string): FileStatement[] {
    return this.statements.filter(({ objects, database }) => objects.some((object) => object.kind === 'table' && (object.schema ?? database) === schema && object.name === name));
  }

  /** ALTER TABLE … CHANGE a b, RENAME COLUMN a TO b. */
  private renamedIn(schema: string, name: string): Record<string, string> {
    return Object.fromEntries(this.about(schema, name).flatMap(({ sql }) => {
      const tokens = tokensIn(sql);
      const is = (index: number, word: string) => tokens[index]?.kind === 'word' && tokens[index].value.toUpperCase() === word;
      return tokens.flatMap((_, index) => {
        const from = is(index, 'CHANGE') ? index + (is(index + 1, 'COLUMN') ? 2 : 1) : is(index, 'RENAME') && is(index + 1, 'COLUMN') ? index + 2 : undefined;
        const [old, next] = from === undefined ? [] : [tokens[from], tokens[is(index, 'CHANGE') ? from + 1 : from + 2]];
        return old === undefined || next === undefined ? [] : [[old.value, next.value] as const];
      });
    }));
  }
}

/** Everything but what belongs to the server, to the pipeline, or to a proof. */
function mayBeCopied(schema: string): boolean {
  return !SYSTEM_SCHEMAS.some((name) => name === schema.toLowerCase()) && !TWIN_NAMES.test(schema);
}

function keyOf({ kind, schema, name }: Existing): string {
  return `${kind}\0${tableKey(schema, name)}`;
}

/** The words of a text, in capitals, without names in quotes, texts and signs. */
function wordsOf(sql: string): string {
  return tokensIn(sql).filter(({ kind }) => kind === 'word').map(({ value }) => value.toUpperCase()).join(' ');
}

/** None where quotes are left open, which the statement is refused for elsewhere. */
function tokensIn(sql: string): ReturnType<typeof sqlTokens> {
  try {
    return sqlTokens(sql);
  } catch {
    return [];
  }
}
