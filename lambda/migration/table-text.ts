/** A column definition of SHOW CREATE TABLE: its name, its type with arguments, and what follows character set and collation, to the letter. */
export interface PrintedColumn {
  readonly name: string;
  readonly type: string;
  readonly rest: string;
}

/** What stands in the parentheses of SHOW CREATE TABLE, to the letter: columns, then keys and constraints. */
export function definitionsIn(printed: string): string[] {
  const open = printed.indexOf('(', endOfQuoted(printed, printed.indexOf('`')));
  return parts(printed.slice(open + 1, endOfParentheses(printed, open) - 1));
}

/** The columns among the definitions. */
export function columnsIn(definitions: readonly string[]): PrintedColumn[] {
  return definitions.filter((definition) => definition.startsWith('`')).map(parseColumn);
}

function parseColumn(printed: string): PrintedColumn {
  const nameEnd = endOfQuoted(printed, 0);
  const definition = printed.slice(nameEnd).trimStart();
  const word = /^[a-z]+/i.exec(definition)?.[0] ?? '';
  const typeEnd = definition[word.length] === '(' ? endOfParentheses(definition, word.length) : word.length;
  const rest = definition.slice(typeEnd).replace(/^ CHARACTER SET \w+/, '').replace(/^ COLLATE \w+/, '');
  return { name: unquoted(printed.slice(0, nameEnd)), type: definition.slice(0, typeEnd), rest };
}

/** A name without its backticks. */
export function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`');
}

/** What commas separate outside of quotes and parentheses. */
export function parts(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === `'` || character === '`') index = endOfQuoted(text, index) - 1;
    else if (character === '(') index = endOfParentheses(text, index) - 1;
    else if (character === ',') {
      found.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...found, text.slice(start).trim()];
}

/** The index behind a quoted text that starts at `start`; a doubled quote or one behind a backslash belongs to the text. */
export function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\' && quote !== '`') index += 1;
    else if (text[index] === quote && text[index + 1] === quote) index += 1;
    else if (text[index] === quote) return index + 1;
  }
  throw new Error(`no closing ${quote} in: ${text}`);
}

/** The index behind the parenthesis that opens at `start`. */
export function endOfParentheses(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === `'` || character === '`') index = endOfQuoted(text, index) - 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  throw new Error(`no closing parenthesis in: ${text}`);
}
