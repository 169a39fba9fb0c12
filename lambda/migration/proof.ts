import { createHash } from 'node:crypto';
import { ErrorName } from '../../lib/private/contract';
import { classifyTable, columnsOf, queryFor, type TableVerdict } from '../compatibility/classify-table';
import { typeConversions } from '../mysql/dialect';
import { quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { messageOf, PipelineError, property } from '../shared/errors';
import { someOf } from '../shared/lists';
import { log } from '../shared/log';
import { endOfQuotes, readCreateTable } from '../shared/sql-text';
import { type LooseStep } from './ledger';
import { type NewConstraint, newConstraints } from './new-constraints';
import { answerTo, type Question } from './questions';
import { bodyOf, hasForeignKeys, makeTwin, printedTable, withoutAddedKey } from './twin-tables';
import { Twins } from './twins';
import { doubtfulKeys } from './unique-keys';
import { type TableName } from './units';
import { WORKER_SESSION } from './worker-procedure';

/** A table, and what shall be done to it. */
export interface Provable extends TableName {
  /** What SHOW CREATE TABLE prints. */
  readonly printed: string;
  readonly steps: readonly Pick<LooseStep, 'statement' | 'fallback'>[];
}

/** Something the data has to answer, because an empty copy cannot. */
interface Doubt {
  /** A row, and 1 in it, mean yes; `{table}` stands for the table. */
  readonly query?: string;
  /** What a yes means. */
  readonly trouble: string;
  /** Whether not knowing is as bad as yes. */
  readonly mustBeKnown: boolean;
}

/** What is known of all tables of one shape. */
interface Outcome {
  /** Why it must not be done, `{table}` stands for the table; empty where it may. */
  readonly troubles: readonly string[];
  readonly questions: readonly Doubt[];
}

/** A table before and after. */
export interface ChangedTable extends TableName {
  readonly printed: string;
  readonly after: string;
  /** Columns with another name, old to new. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** What a proof holds for, and what has to be looked at again therefore. */
export interface Proved {
  readonly questions: readonly Question[];
  /** The value of `replica_type_conversions`. */
  readonly conversions: string;
}

/** What is refused, or must be watched: a table, or a statement. */
interface Remark {
  readonly where: string;
  readonly text: string;
}

const SESSIONS = 4;
const MOST_NAMED = 20;
const LONGEST_TEXT = 1200;
const LONGEST_STATEMENT = 300;
/** How long the data may be asked about one table, and about all. */
const SECONDS_OF_A_QUESTION = 60;
const SECONDS_OF_ALL_QUESTIONS = 300;

/**
 * Runs the plan's statements against empty copies on Green before any real table is touched: the server itself says what it cannot do, and its
 * answer is compared, column by column, with what replication will bring.
 *
 * Tables that are printed alike, but for their names, are one shape, and proved once. The copy is a temporary table where the server can make one of it,
 * which is 30 times faster; otherwise, or where that fails, a table in the twin of its schema. So whatever is refused was refused in a true table.
 */
export class Proof {
  /** @param green holds the plan, so that nobody else proves here at the same time. */
  public static async begin(green: Session): Promise<Proof> {
    return new Proof(green, await Twins.open(green), await typeConversions(green));
  }

  private readonly shapes = new Map<string, Promise<Outcome>>();
  private readonly refused: Remark[] = [];
  private readonly warnings: Remark[] = [];
  private readonly asked: Question[] = [];
  private readonly opened: Session[] = [];
  private secondsLeft = SECONDS_OF_ALL_QUESTIONS;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly green: Session, public readonly twins: Twins, public readonly conversions: string) {}

  /** Sessions in which to prove so many tables at once; set as a worker's, but for locks, which nobody holds here. */
  public async sessions(tables: number): Promise<readonly Session[]> {
    while (this.opened.length < Math.min(SESSIONS, tables)) this.opened.push(await this.workerSession());
    return this.opened;
  }

  /** One more session, which the caller closes. */
  public async workerSession(): Promise<Session> {
    const session = await this.green.another();
    await session.run(WORKER_SESSION);
    await session.run('SET SESSION lock_wait_timeout = 60, innodb_lock_wait_timeout = 60');
    return session;
  }

  /** Proves a table in one of the sessions. What is wrong is said at the end. */
  public async add(session: Session, table: Provable): Promise<void> {
    const shape = shapeOf(table);
    const outcome = this.shapes.get(shape) ?? this.prove(session, table);
    this.shapes.set(shape, outcome);
    const { troubles, questions } = await outcome;
    for (const text of troubles) this.refuse(`${table.schema}.${table.name}`, queryFor(text, quoteTable(table.schema, table.name)));
    if (troubles.length > 0) return;
    for (const question of questions) await this.ask(session, table, question);
  }

  /**
   * Removes the copies and tells.
   *
   * @returns what should be known, though nothing speaks against the plan.
   * @throws `PlanRefused` with everything that does.
   */
  public async end(): Promise<string[]> {
    await this.clear();
    for (const remark of this.warnings) log.warn('not known before the migration', { ...remark });
    if (this.refused.length === 0) return this.warnings.slice(0, MOST_NAMED).map(({ where, text }) => `${where}: ${cut(text, LONGEST_TEXT)}`);
    for (const remark of this.refused) log.error('refused', { ...remark });
    const lines = this.refused.map(({ where, text }, index) => `${index + 1}. ${where}: ${cut(text, LONGEST_TEXT)}`);
    throw new PipelineError(
      ErrorName.PLAN_REFUSED,
      `the plan was tried on empty copies of the tables, and ${lines.length === 1 ? 'one thing speaks' : `${lines.length} things speak`} against it. No table was altered.\n`
      + `${someOf(lines, { most: MOST_NAMED, separator: '\n' })}\n`
      + 'Mend each on Blue, wait until replication has brought it to Green, then redrive this execution or start a new one with {}. Where the Migration itself has to change, give this Green up first '
      + '(an execution with { "action": "abandon" }), deploy, and start again. The log of the function has all of them in full',
    );
  }

  /** Removes the copies, whatever has happened. */
  public async clear(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((session) => session.close()));
    await this.twins.drop();
  }

  private async prove(session: Session, table: Provable): Promise<Outcome> {
    try {
      const after = await this.temporarily(session, table) ?? await this.inTurn(() => this.truly(session, table));
      return this.judge({ printed: table.printed, after });
    } catch (thrown) {
      if (property(thrown, 'errno') === undefined) throw thrown;
      const statement = thrown instanceof StatementFailure ? thrown.statement.replace(quoteTable(table.schema, table.name), '{table}') : 'an empty copy of the table';
      const said = `error ${property(thrown, 'errno')} (${property(thrown, 'sqlState') ?? ''}): ${await this.twins.unmasked(messageOf(thrown))}`;
      return { troubles: [`${said}. Statement: ${cut(statement, LONGEST_STATEMENT)}`], questions: [] };
    }
  }

  /** @returns undefined where that is not possible, or something failed. */
  private async temporarily(session: Session, table: Provable): Promise<string | undefined> {
    if (hasForeignKeys(table.printed)) return undefined;
    const twin = quoteTable(await this.twins.of(table.schema), table.name);
    const drop = `DROP TEMPORARY TABLE IF EXISTS ${twin}`;
    try {
      await session.run(`CREATE TEMPORARY TABLE ${twin} ${bodyOf(table.printed)}`);
      // an index is not built in place there; the slower way, by copying, builds the same.
      for (const { statement, fallback } of table.steps) await session.run(aimedAt(twin, table, fallback ?? statement));
      return await printedTable(session, twin);
    } catch (thrown) {
      if (property(thrown, 'errno') === undefined) throw thrown;
      return undefined;
    } finally {
      await session.run(drop);
    }
  }

  private async truly(session: Session, table: Provable): Promise<string> {
    const twin = await makeTwin(session, this.twins, table);
    for (const { statement } of table.steps) {
      await session.run(aimedAt(twin, table, statement)).catch((thrown: unknown) => {
        throw property(thrown, 'errno') === undefined ? thrown : new StatementFailure(statement, thrown);
      });
    }
    return printedTable(session, twin);
  }

  /** One after the other: parent and child of a foreign key, altered at the same time, lock each other out (1213). */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Judges a table that is otherwise than before, and asks its data. */
  public async judgeChange(session: Session, table: ChangedTable, where: string): Promise<void> {
    const { troubles, questions } = this.judge(table);
    for (const text of troubles) this.refuse(where, queryFor(text, quoteTable(table.schema, table.name)));
    if (troubles.length === 0) for (const question of questions) await this.ask(session, table, question);
  }

  /** What the data was asked, and has to be asked again: it is written to. */
  public get questions(): readonly Question[] {
    return this.asked;
  }

  /** Something speaks against the plan. */
  public refuse(where: string, text: string): void {
    this.refused.push({ where, text });
  }

  private judge({ printed, after: copied, renamed = {} }: Pick<ChangedTable, 'printed' | 'after' | 'renamed'>): Outcome {
    const after = withoutAddedKey(copied, printed);
    const verdict = classifyTable(columnsOf(printed), columnsOf(after), this.conversions, { renamed });
    const doubtful = doubtfulKeys(printed, after, renamed);
    const always = doubtful.filter((each) => each.always === true).map(({ key }) => `key '${key}' is unique, and every row of Blue gets the same value in it: replication stops at the second (1062, STOPS); ${ADDED_LATER}`);
    const constraints = newConstraints(printed, after, renamed);
    const changing = constraints.filter(({ changesRows }) => changesRows)
      .map(({ text }) => `${text} is not on Blue: a row that is deleted or changed there would change others on Green only (CORRUPTS); ${ADDED_LATER}`);
    const keys = doubtful.map(({ key, query }): Doubt => ({
      query, mustBeKnown: false,
      trouble: `key '${key}' has rows that are equal once the statement has run (error 1062)${query === undefined ? '' : `; find them on Blue: ${query}`}`,
    }));
    return { troubles: [...troublesOf(verdict), ...always, ...changing], questions: [...questionsOf(verdict), ...keys, ...constraints.map(doubtAbout)] };
  }

  private async ask(session: Session, { schema, name }: TableName, { query, trouble, mustBeKnown }: Doubt): Promise<void> {
    const [where, target] = [`${schema}.${name}`, quoteTable(schema, name)];
    const answer = query === undefined ? undefined : await this.answer(session, queryFor(query, target));
    // of keys that become equal MySQL tells by itself, also later (1062); of such values nobody does.
    if (query !== undefined && mustBeKnown) this.asked.push({ schema, name, query: queryFor(query, target), trouble: queryFor(trouble, target) });
    if (answer === true) this.refuse(where, queryFor(trouble, target));
    if (answer !== undefined) return;
    const why = query === undefined ? 'cannot be known before' : `was not known after ${SECONDS_OF_A_QUESTION} s of reading`;
    (mustBeKnown ? this.refused : this.warnings).push({ where, text: `whether this is so ${why}: ${queryFor(trouble, target)}` });
  }

  /** @returns undefined where it takes too long. */
  private async answer(session: Session, query: string): Promise<boolean | undefined> {
    const began = Date.now();
    try {
      return await answerTo(session, query, Math.min(SECONDS_OF_A_QUESTION, this.secondsLeft));
    } finally {
      this.secondsLeft -= (Date.now() - began) / 1000;
    }
  }
}

/**
 * Proves whatever `work` shows, and removes the copies, also when it fails.
 *
 * @throws `PlanRefused`.
 */
export async function withProof<Result>(
  green: Session, work: (proof: Proof) => Promise<Result>,
): Promise<Proved & { readonly result: Result; readonly warnings: readonly string[] }> {
  const proof = await Proof.begin(green);
  try {
    return { result: await work(proof), warnings: await proof.end(), questions: proof.questions, conversions: proof.conversions };
  } finally {
    await proof.clear();
  }
}

/** What failed, with the statement as the plan has it. */
class StatementFailure extends Error {
  public readonly errno = property(this.cause, 'errno');
  public readonly sqlState = property(this.cause, 'sqlState');

  constructor(public readonly statement: string, cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

const ADDED_LATER = 'add it after the switchover, or on Blue before';

/** Rows that violate it end the statement, or stop replication: MySQL tells by itself. */
function doubtAbout({ text, kind, query }: NewConstraint): Doubt {
  const trouble = `${text} is not on Blue, where rows are written that violate it (error ${kind === 'check' ? '3819' : '1452 or 1451'}); ${ADDED_LATER}`;
  return { mustBeKnown: false, trouble: query === undefined ? trouble : `${trouble}. Find them: ${query}`, ...query !== undefined && { query } };
}

/** What no look at the data can make good. */
function troublesOf({ verdict, columns, remedy, reason }: TableVerdict): string[] {
  const bad = columns.filter((column) => column.verdict !== 'SAFE' && (column.verdict !== 'DEPENDS_ON_DATA' || column.query === undefined));
  const list = bad.map((column) => `column ${column.position}, '${column.column}': ${column.reason} (${column.verdict})${column.remedy === undefined ? '' : `; ${column.remedy}`}`);
  if (list.length > 0) return [someOf(list, { most: 5, separator: '. ' })];
  return verdict === 'SAFE' || verdict === 'DEPENDS_ON_DATA' ? [] : [`${reason} (${verdict})${remedy === undefined ? '' : `; ${remedy}`}`];
}

function questionsOf({ columns }: TableVerdict): Doubt[] {
  return columns.filter(({ verdict }) => verdict === 'DEPENDS_ON_DATA').map(({ position, column, reason, remedy, query }) => ({
    query, mustBeKnown: true,
    trouble: `column ${position}, '${column}': ${reason}, and there are such values${remedy === undefined ? '' : `; ${remedy}`}. Find them: ${query ?? ''}`,
  }));
}

/** The same for tables that differ in nothing but their names, those of their constraints, and how far they have counted. */
function shapeOf({ schema, name, printed, steps }: Provable): string {
  const { definitions, options } = readCreateTable(printed);
  const hash = createHash('sha256').update(options.replace(/ AUTO_INCREMENT=\d+/, ''));
  for (const definition of definitions) hash.update('\0').update(definition.startsWith('CONSTRAINT `') ? definition.slice(endOfQuotes(definition, 'CONSTRAINT '.length)) : definition);
  for (const { statement, fallback } of steps) hash.update('\0').update(statement.replace(quoteTable(schema, name), '')).update(fallback?.replace(quoteTable(schema, name), '') ?? '');
  return hash.digest('base64');
}

/** A statement of the plan, for a copy. */
function aimedAt(twin: string, { schema, name }: Provable, statement: string): string {
  const [start, target] = [statement.indexOf(`ALTER TABLE `) + 'ALTER TABLE '.length, quoteTable(schema, name)];
  if (!statement.startsWith(target, start)) throw new Error(`a statement for ${schema}.${name} should begin with ALTER TABLE and its name, got: ${statement}`);
  return statement.slice(0, start) + twin + statement.slice(start + target.length);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)} …` : text;
}
