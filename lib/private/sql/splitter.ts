import { isExecutable, lineAt, pieceAt, UnreadableSql } from './scanner';

/** A statement as it stands in a file. */
export interface FoundStatement {
  /** The line in which it begins, from 1. */
  readonly line: number;
  /** From its first word to its last character, without the delimiter; comments within it are kept. */
  readonly sql: string;
}

const DELIMITER = /^delimiter(?=[\s;]|$)[ \t]*([^\s]*)[^\n]*/i;

/**
 * Splits a file into statements as the `mysql` client does: at the delimiter, which the command DELIMITER changes, outside of quotes and
 * comments. Executable comments are part of a statement.
 *
 * @throws UnreadableSql for quotes, comments and delimiters that are left open, with the line.
 */
export function splitStatements(text: string): FoundStatement[] {
  const found: FoundStatement[] = [];
  let delimiter = ';';
  let begin: number | undefined;
  let executable: number | undefined;
  let counted = { index: 0, line: 1 };
  const finish = (end: number) => {
    if (begin === undefined) return;
    counted = { index: begin, line: counted.line + lineAt(text.slice(counted.index, begin), begin) - 1 };
    found.push({ line: counted.line, sql: text.slice(begin, end).trimEnd() });
    begin = undefined;
  };
  for (let index = 0; index < text.length;) {
    const command = /[Dd]/.test(text[index] ?? '') && isLineStart(text, index) ? DELIMITER.exec(text.slice(index, index + 200)) : null;
    if (command !== null) {
      if (begin !== undefined) throw stillOpen(text, begin, delimiter, `before the DELIMITER of line ${lineAt(text, index)}`);
      delimiter = delimiterOf(command[1] ?? '', lineAt(text, index));
      index = text.indexOf('\n', index) < 0 ? text.length : text.indexOf('\n', index);
    } else if (executable === undefined && text.startsWith(delimiter, index)) {
      finish(index);
      index += delimiter.length;
    } else {
      const { piece, end } = pieceAt(text, index);
      if (isExecutable(text, index)) executable = index;
      else if (executable !== undefined && text.startsWith('*/', index)) executable = undefined;
      if (piece !== 'comment' && (piece === 'quoted' || !/\s/.test(text[index] ?? ''))) begin ??= index;
      index = end;
    }
  }
  if (executable !== undefined) throw new UnreadableSql(lineAt(text, executable), 'a comment that begins with /*! does not end; close it with */');
  if (begin !== undefined && delimiter !== ';') throw stillOpen(text, begin, delimiter, 'when the file ends');
  finish(text.length);
  return found;
}

/** Whether nothing but blanks stands before this place in its line. */
function isLineStart(text: string, index: number): boolean {
  for (let before = index - 1; before >= 0 && text[before] !== '\n'; before -= 1) if (text[before] !== ' ' && text[before] !== '\t') return false;
  return true;
}

function delimiterOf(wanted: string, line: number): string {
  if (wanted === '') throw new UnreadableSql(line, 'DELIMITER is followed by nothing; name what ends the next statements, such as //');
  if (/[\\'"`]/.test(wanted)) throw new UnreadableSql(line, `DELIMITER is followed by '${wanted}'; backslashes and quotes cannot end a statement, use // or $$`);
  return wanted;
}

function stillOpen(text: string, begin: number, delimiter: string, when: string): UnreadableSql {
  return new UnreadableSql(lineAt(text, begin), `the statement that begins here has not been ended by its delimiter '${delimiter}' ${when}`);
}
