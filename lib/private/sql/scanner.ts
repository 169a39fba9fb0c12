/** What a text of SQL consists of, seen from outside: what quotes and comments hide is no keyword and ends no statement. */
export type Piece = 'code' | 'quoted' | 'comment';

/** Text that cannot be read, with the line it is about. */
export class UnreadableSql extends Error {
  constructor(public readonly line: number, message: string) {
    super(message);
  }
}

/**
 * The piece of SQL that begins at `start`, and the index behind it. Code is one character long, also where it stands in a comment whose content
 * the server runs. Strings are read with backslashes as escapes.
 *
 * @throws UnreadableSql where quotes or a comment do not end.
 */
export function pieceAt(text: string, start: number): { readonly piece: Piece; readonly end: number } {
  const character = text[start] ?? '';
  if (character === `'` || character === '"' || character === '`') return { piece: 'quoted', end: endOfQuotes(text, start) };
  if (character === '#' || (character === '-' && /^--(?=[\s\0]|$)/.test(text.slice(start, start + 3)))) return { piece: 'comment', end: endOfLine(text, start) };
  if (character === '/' && text[start + 1] === '*' && !isExecutable(text, start)) {
    const end = text.indexOf('*/', start + 2);
    if (end < 0) throw new UnreadableSql(lineAt(text, start), 'a comment that begins with /* does not end; close it with */');
    return { piece: 'comment', end: end + 2 };
  }
  return { piece: 'code', end: start + 1 };
}

/** Whether a comment begins here whose content the server runs, perhaps for a version only. */
export function isExecutable(text: string, start: number): boolean {
  return text.startsWith('/*!', start);
}

/** The number of the line in which a character stands, from 1. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let found = text.indexOf('\n'); found >= 0 && found < index; found = text.indexOf('\n', found + 1)) line += 1;
  return line;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

function endOfQuotes(text: string, start: number): number {
  const quote = text[start];
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\' && quote !== '`') index += 1;
    else if (text[index] === quote && text[index + 1] === quote) index += 1;
    else if (text[index] === quote) return index + 1;
  }
  const what = quote === '`' ? 'a name in backticks' : 'a text in quotes';
  throw new UnreadableSql(lineAt(text, start), `${what} does not end; close it with ${quote}, or double a ${quote} that belongs to it`);
}
