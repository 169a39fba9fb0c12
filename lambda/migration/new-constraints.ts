import { columnsOf } from '../compatibility/classify-table';
import { closingParenthesis, endOfQuotes, readCreateTable } from '../shared/sql-text';

/** A CHECK or foreign key that Green has and Blue has not, so that Blue writes rows which it would refuse. */
export interface NewConstraint {
  /** As SHOW CREATE TABLE prints it, without its name. */
  readonly text: string;
  readonly kind: 'check' | 'foreign key';
  /** Finds rows that violate it, `{table}` stands for the table; undefined where MySQL cannot be asked before. */
  readonly query?: string;
  /** A foreign key that changes rows of Green which Blue leaves as they are. */
  readonly changesRows: boolean;
}

/**
 * What Green's table asks of every row, and Blue's does not.
 *
 * @param before SHOW CREATE TABLE of today's table.
 * @param after that of its changed copy.
 * @param renamed columns with another name, old to new.
 */
export function newConstraints(before: string, after: string, renamed: Readonly<Record<string, string>> = {}): NewConstraint[] {
  const present = new Set(constraintsOf(before).map((text) => identity(text, renamed)));
  const columns = new Set(columnsOf(before).map(({ name }) => name));
  return constraintsOf(after).filter((text) => !present.has(identity(text))).map((text) => {
    if (text.startsWith('FOREIGN KEY')) return { text, kind: 'foreign key', changesRows: / ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT)/.test(text) };
    const open = text.indexOf('(');
    const condition = text.slice(open, closingParenthesis(text, open));
    const isKnown = [...condition.matchAll(/`((?:[^`]|``)*)`/g)].every(([, name = '']) => columns.has(name.replaceAll('``', '`')));
    return { text, kind: 'check', changesRows: false, ...isKnown && { query: `SELECT EXISTS (SELECT 1 FROM {table} WHERE NOT ${condition})` } };
  });
}

/** Those that are enforced, without their names. */
function constraintsOf(printed: string): string[] {
  return readCreateTable(printed).definitions.filter((definition) => definition.startsWith('CONSTRAINT `'))
    .map((definition) => definition.slice(endOfQuotes(definition, 'CONSTRAINT '.length)).trim())
    .filter((text) => !/NOT ENFORCED \*\/$/.test(text));
}

/** The same for one that a copy has in its schema's twin, whose columns have other names, and whose literals another character set. */
function identity(text: string, renamed: Readonly<Record<string, string>> = {}): string {
  const [start, reference = ''] = text.split(' REFERENCES ');
  const columns = (start ?? '').replaceAll(/`((?:[^`]|``)*)`/g, (quoted, name: string) => (renamed[name] === undefined ? quoted : `\`${renamed[name]}\``));
  const referred = reference.replace(/^`(?:[^`]|``)*`\./, '').replace(/ \([^)]*\)/, '');
  return `${columns} ${referred}`.replaceAll(/_utf8(?:mb[34])?\s*(?=\\?')/gi, '');
}
