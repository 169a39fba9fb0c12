/**
 * The text between `<!-- name -->` and `<!-- /name -->` of a page.
 *
 * @throws when the page has no such part.
 */
export function partOf(page: string, name: string): string {
  return cut(page, name).part.trim();
}

/**
 * The page with another text between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws when the page has no such part.
 */
export function replacePart(page: string, name: string, text: string): string {
  const { before, after } = cut(page, name);
  return `${before}\n${text.trim()}\n${after}`;
}

function cut(page: string, name: string): { before: string; part: string; after: string } {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page should have a part between '${begin}' and '${end}'`);
  return { before: page.slice(0, from + begin.length), part: page.slice(from + begin.length, to), after: page.slice(to) };
}
