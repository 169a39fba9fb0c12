import { createHash } from 'node:crypto';
import { ErrorName } from '../../lib/private/contract';
import { type Definition, type DefinitionPart, definitionsOf, partsOf, readParts } from '../mysql/definitions';
import { tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { someOf } from '../shared/lists';
import { log } from '../shared/log';
import { type ChangedTableVerdict, type VerdictOn, verdictsOn } from './blue-schema-verdict';
import { differenceBetween } from './definition-difference';
import { LEDGER_SCHEMA } from './worker-procedure';

/** How many changes are named, and described. */
const MOST_NAMED = 20;

/** What has become of a definition. */
interface Change {
  readonly definition: Definition;
  readonly what: 'changed' | 'gone' | 'new';
}

/** Judges a table that has changed; the bundle of the check, which names the difference alone, goes without the classifier. */
type Judge = (blue: Session, green: Session) => VerdictOn;

interface DescribedChange {
  readonly text: string;
  readonly verdict?: ChangedTableVerdict;
}

/** The two servers. */
export interface BlueAndGreen {
  readonly blue: Session;
  readonly green: Session;
}

/**
 * Makes a plan, and remembers Blue's definitions of that moment in the ledger on Green. An execution that plans once more, because tables have
 * arrived, takes over these tables and nothing else; a new execution, or a redrive, takes Blue as it is then: somebody has looked at it.
 *
 * @param plan is given what an earlier plan of this Green did not know, and the classifier does not find harmless.
 * @throws `BlueSchemaChanged`, before anything is planned.
 */
export async function planWatchingBlue<Result>(
  { blue, green }: BlueAndGreen, databases: readonly string[], execution: string, plan: (doubts: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const run = createHash('sha256').update(execution).digest('hex');
  const present = await definitionsOf(blue, databases, true);
  const kept = await keptDefinitions(green);
  const changes = kept.definitions.length === 0 ? [] : await described({ blue, green }, changesBetween(kept.definitions, present), verdictsOn);
  if (kept.run === run) refuse(textsOf(changes));
  const doubts = textsOf(changes.filter(({ verdict }) => verdict?.isSafe === false));
  for (const doubt of doubts) log.warn('changed on Blue before this plan was made', { doubt });
  // read before the plan is made: what is changed in between shows as a difference.
  const planned = await plan(doubts);
  await green.run('START TRANSACTION');
  for (const table of ['definition', 'definition_parts']) await green.run(`DELETE FROM ${LEDGER_SCHEMA}.${table}`);
  for (let start = 0; start < present.length; start += 500) {
    const batch = present.slice(start, start + 500);
    await green.run(
      `INSERT INTO ${LEDGER_SCHEMA}.definition (kind, schema_name, object_name, hash, run) VALUES ${batch.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
      batch.flatMap(({ kind, schema, name, hash }) => [kind, schema, name, hash, run]),
    );
  }
  const readable = present.flatMap(({ kind, schema, name, parts }) => (typeof parts === 'string' ? [[kind, schema, name, parts]] : []));
  for (let start = 0; start < readable.length; start += 50) {
    const batch = readable.slice(start, start + 50);
    await green.run(`INSERT INTO ${LEDGER_SCHEMA}.definition_parts (kind, schema_name, object_name, parts) VALUES ${batch.map(() => '(?, ?, ?, ?)').join(', ')}`, batch.flat());
  }
  await green.run('COMMIT');
  return planned;
}

/**
 * Looks whether Blue is defined still as it was when the plan was made.
 *
 * @throws `BlueSchemaChanged`, with what has changed.
 */
export async function mustBeAsPlanned(sessions: BlueAndGreen, databases: readonly string[]): Promise<void> {
  refuse(await changesOnBlue(sessions, databases, verdictsOn));
}

/** What has changed on Blue since the plan was made, in words; new tables are left out, because they become steps. */
export async function changesOnBlue(sessions: BlueAndGreen, databases: readonly string[], judge?: Judge): Promise<string[]> {
  if (databases.length === 0) return [];
  const kept = await keptDefinitions(sessions.green);
  if (kept.definitions.length === 0) return [];
  return textsOf(await described(sessions, changesBetween(kept.definitions, await definitionsOf(sessions.blue, databases)), judge));
}

/** What to do about it, the same wherever it is found. */
export const REMEDY = 'replication brings such a statement to Green, where the tables have another shape already, and the plan was made without it. Look at each: what would be stored wrong '
  + '(docs/replication-safety.md) has to be undone on Blue, or Green made anew. If all of it is meant and harmless, start a new execution with {}: it checks and plans again, and goes on with Blue as it is';

async function keptDefinitions(green: Session): Promise<{ run: string | undefined; definitions: Definition[] }> {
  if (!await hasTable(green, 'definition')) return { run: undefined, definitions: [] };
  const definitions = await green.rows<Definition & { run: string }>(
    `SELECT kind, schema_name AS \`schema\`, object_name AS name, hash, run FROM ${LEDGER_SCHEMA}.definition ORDER BY schema_name, object_name, kind`,
  );
  return { run: definitions[0]?.run, definitions };
}

/** Each with what is different, as far as they are named. */
async function described({ blue, green }: BlueAndGreen, changes: readonly Change[], judge?: Judge): Promise<DescribedChange[]> {
  const verdictOn = judge?.(blue, green);
  const areKept = changes.length > 0 && await hasTable(green, 'definition_parts');
  const words: DescribedChange[] = [];
  for (const [index, { definition, what }] of changes.entries()) {
    const verb = what === 'changed' ? ['has', 'have'] : ['is', 'are'];
    const said = `${nameOf(definition)} ${verb[isPlural(definition.kind) ? 1 : 0]} ${what}`;
    const isDescribed = areKept && index < MOST_NAMED && (what === 'changed' || isOfTable(definition.kind));
    const [before, after] = isDescribed ? [what === 'new' ? [] : await keptParts(green, definition), await partsOf(blue, definition)] : [];
    const difference = before === undefined || after === undefined ? [] : differenceBetween(definition.kind, before, after);
    const verdict = what === 'changed' && definition.kind === 'columns of' && index < MOST_NAMED ? await verdictOn?.(definition) : undefined;
    const text = difference.length === 0 ? said : `${said}: ${someOf(difference, { most: 5 })}`;
    words.push(verdict === undefined ? { text } : { text: `${text} (${verdict.text})`, verdict });
  }
  return words;
}

function textsOf(changes: readonly DescribedChange[]): string[] {
  return changes.map(({ text }) => text);
}

/** The parts that a definition had when the plan was made; undefined where nobody could read them. */
async function keptParts(green: Session, { kind, schema, name }: Definition): Promise<DefinitionPart[] | undefined> {
  const row = await green.row<{ parts: string }>(
    `SELECT parts FROM ${LEDGER_SCHEMA}.definition_parts WHERE kind = ? AND schema_name = ? AND object_name = ?`, [kind, schema, name],
  );
  return row === undefined ? undefined : readParts(row.parts);
}

/** The ledger may have been made by an earlier version. */
async function hasTable(green: Session, table: string): Promise<boolean> {
  return await green.row('SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [LEDGER_SCHEMA, table]) !== undefined;
}

function changesBetween(kept: readonly Definition[], present: readonly Definition[]): Change[] {
  const before = new Map(kept.map((definition) => [keyOf(definition), definition]));
  const after = new Map(present.map((definition) => [keyOf(definition), definition]));
  const tables = new Set(kept.filter(({ kind }) => kind === 'table').map(({ schema, name }) => tableKey(schema, name)));
  const dropped = new Set([...before].filter(([key, { kind }]) => kind === 'table' && !after.has(key)).map(([, { schema, name }]) => tableKey(schema, name)));
  const changed = kept.flatMap((definition): Change[] => {
    const now = after.get(keyOf(definition));
    const { kind, schema, name } = definition;
    // an event that has run for the last time drops itself; of a table that is gone, nothing else needs to be said.
    if (now === undefined && (kind === 'event' || (isOfTable(kind) && dropped.has(tableKey(schema, name))))) return [];
    if (now === undefined) return [{ definition, what: 'gone' }];
    return now.hash === definition.hash ? [] : [{ definition, what: 'changed' }];
  });
  const created = present.filter((definition) => !before.has(keyOf(definition)))
    .filter(({ kind, schema, name }) => kind !== 'table' && !(isOfTable(kind) && !tables.has(tableKey(schema, name))))
    .map((definition): Change => ({ definition, what: 'new' }));
  return [...changed, ...created];
}

function refuse(changes: readonly string[]): void {
  if (changes.length === 0) return;
  throw new PipelineError(
    ErrorName.BLUE_SCHEMA_CHANGED,
    `Blue's schema was changed after the migration was planned: ${someOf(changes, { most: MOST_NAMED, separator: '; ' })}. Nothing was switched over; ${REMEDY}`,
  );
}

/** Whether a definition is a part of a table. */
function isOfTable(kind: string): boolean {
  return isPlural(kind) && kind !== 'parameters of';
}

function isPlural(kind: string): boolean {
  return kind.endsWith(' of');
}

function nameOf({ kind, schema, name }: Definition): string {
  return kind === 'database' ? `database ${schema}` : `${kind} ${schema}.${name}`;
}

function keyOf({ kind, schema, name }: Definition): string {
  return `${kind}\0${tableKey(schema, name)}`;
}
