import { isExecutable, pieceAt } from './scanner';

/** A word, a quoted text, a name in backticks, or a single other character of a statement. */
export interface Token {
  readonly kind: 'word' | 'text' | 'name' | 'symbol';
  /** A word in capitals; a text or name without its quotes. */
  readonly value: string;
  /** As it is written. */
  readonly written: string;
}

const WORD = /[0-9A-Za-z_$\u0080-\uFFFF]+/y;

/** The tokens of a statement. Comments are left out, the content of executable comments is not: some server may run it. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let executable = false;
  for (let index = 0; index < sql.length;) {
    const { piece, end } = pieceAt(sql, index);
    WORD.lastIndex = index;
    const word = piece === 'code' ? WORD.exec(sql)?.[0] : undefined;
    if (isExecutable(sql, index)) {
      executable = true;
      index += /^\/\*!\d*/.exec(sql.slice(index, index + 20))?.[0].length ?? 3;
    } else if (executable && sql.startsWith('*/', index)) {
      executable = false;
      index += 2;
    } else if (piece === 'quoted') {
      const written = sql.slice(index, end);
      tokens.push({ kind: written.startsWith(`'`) ? 'text' : 'name', value: unquoted(written), written });
      index = end;
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', value: word.toUpperCase(), written: word });
      index += word.length;
    } else {
      if (piece === 'code' && !/\s/.test(sql[index] ?? '')) tokens.push({ kind: 'symbol', value: sql[index] ?? '', written: sql[index] ?? '' });
      index = end;
    }
  }
  return tokens;
}

function unquoted(written: string): string {
  const quote = written[0] ?? '';
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}
