/** What SHOW CREATE TABLE prints, taken apart. */
export interface PrintedTable {
  /** To the letter: columns, then keys and constraints. */
  readonly definitions: readonly string[];
  /** What stands behind the parentheses, such as the default character set. */
  readonly options: string;
}

/** Takes apart what SHOW CREATE TABLE prints in a SQL mode without ANSI_QUOTES and NO_BACKSLASH_ESCAPES. */
export function readCreateTable(printed: string): PrintedTable {
  const open = printed.indexOf('(', endOfQuotes(printed, printed.indexOf('`')));
  const end = closingParenthesis(printed, open);
  return { definitions: splitByCommas(printed.slice(open + 1, end - 1)), options: printed.slice(end) };
}

/** What commas separate, outside of quotes and parentheses. */
export function splitByCommas(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuote(character)) index = endOfQuotes(text, index) - 1;
    else if (character === '(') index = closingParenthesis(text, index) - 1;
    else if (character === ',') {
      found.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...found, text.slice(start).trim()];
}

/** The index behind the quoted text that starts at `start`. Throws where it does not end. */
export function endOfQuotes(text: string, start: number): number {
  const quote = text[start];
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\' && quote !== '`') index += 1;
    else if (text[index] === quote && text[index + 1] === quote) index += 1;
    else if (text[index] === quote) return index + 1;
  }
  throw new Error(`no closing ${quote} in: ${text}`);
}

/** The index behind the parenthesis that opens at `start`. Throws where it does not close. */
export function closingParenthesis(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (isQuote(character)) index = endOfQuotes(text, index) - 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  throw new Error(`no closing parenthesis in: ${text}`);
}

/** What stands between quotes, without their doubling and backslashes. */
export function textOf(quoted: string): string {
  const quote = quoted[0] ?? '';
  const inner = quoted.slice(1, -1).replaceAll(quote + quote, quote);
  return quote === '`' ? inner : inner.replaceAll(/\\(.)/gs, (_, escaped: string) => ESCAPED[escaped] ?? escaped);
}

const ESCAPED: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

function isQuote(character: string | undefined): boolean {
  return character === `'` || character === '`' || character === '"';
}
