import { endOfQuotes } from './sql-text';

/** A word, a name in quotes, a text, or a single other character of a statement; comments are none. */
export interface SqlToken {
  readonly kind: 'word' | 'name' | 'text' | 'symbol';
  /** A name or text without its quotes; everything else as it is written. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[0-9A-Za-z_$\u0080-\uFFFF]+/y;

/**
 * The tokens of a statement. What stands in a comment that the server runs belongs to it. Between double quotes is a name, though it may be a
 * text in the session's SQL mode.
 *
 * @throws where quotes do not end.
 */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let index = 0; index < sql.length;) {
    const character = sql[index] ?? '';
    const comment = /^(?:#|--(?=[\s\0]|$))/.exec(sql.slice(index, index + 3)) !== null ? '\n' : sql.startsWith('/*', index) && sql[index + 2] !== '!' ? '*/' : undefined;
    if (comment !== undefined) {
      const end = sql.indexOf(comment, index + (comment === '*/' ? 2 : 0));
      index = end < 0 ? sql.length : end + comment.length;
    } else if (sql.startsWith('/*!', index)) {
      index += /^\/\*!\d*/.exec(sql.slice(index, index + 20))?.[0].length ?? 3;
    } else if (sql.startsWith('*/', index)) {
      index += 2;
    } else if (character === `'` || character === '"' || character === '`') {
      const end = endOfQuotes(sql, index);
      tokens.push({ kind: character === `'` ? 'text' : 'name', value: sql.slice(index + 1, end - 1).replaceAll(character + character, character), start: index, end });
      index = end;
    } else {
      WORD.lastIndex = index;
      const word = WORD.exec(sql)?.[0];
      const end = index + (word ?? character).length;
      if (word !== undefined || !/\s/.test(character)) tokens.push({ kind: word === undefined ? 'symbol' : 'word', value: word ?? character, start: index, end });
      index = end;
    }
  }
  return tokens;
}
