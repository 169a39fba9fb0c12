/**
 * The names that somebody who wrote `word` may have meant, the nearest first: those that share half of its parts (divided by hyphens), or that few
 * changed letters make of it.
 *
 * @returns at most five.
 */
export function nearMatches(word: string, names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, distance: Math.min(letters(word, name) / Math.max(word.length, name.length), parts(word, name)) }))
    .filter(({ distance }) => distance <= 0.5)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 5)
    .map(({ name }) => name);
}

/** The share of parts the two do not have in common, in either. */
function parts(one: string, other: string): number {
  const [some, others] = [new Set(one.split('-')), new Set(other.split('-'))];
  const common = [...some].filter((part) => others.has(part)).length;
  return 1 - common / Math.min(some.size, others.size);
}

/** How many letters have to be put in, taken out or replaced to make one of the other. */
function letters(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, wanted] of [...other].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === wanted ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
