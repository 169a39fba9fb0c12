import { closingParenthesis, endOfQuotes, textOf } from '../shared/sql-text';

/** A column definition of SHOW CREATE TABLE: its name, its type with arguments, and what follows character set and collation, to the letter. */
export interface PrintedColumn {
  readonly name: string;
  readonly type: string;
  readonly rest: string;
}

/** The columns among the definitions. */
export function columnsIn(definitions: readonly string[]): PrintedColumn[] {
  return definitions.filter((definition) => definition.startsWith('`')).map(parseColumn);
}

function parseColumn(printed: string): PrintedColumn {
  const nameEnd = endOfQuotes(printed, 0);
  const definition = printed.slice(nameEnd).trimStart();
  const word = /^[a-z]+/i.exec(definition)?.[0] ?? '';
  const typeEnd = definition[word.length] === '(' ? closingParenthesis(definition, word.length) : word.length;
  const rest = definition.slice(typeEnd).replace(/^ CHARACTER SET \w+/, '').replace(/^ COLLATE \w+/, '');
  return { name: textOf(printed.slice(0, nameEnd)), type: definition.slice(0, typeEnd), rest };
}
