import { type DefinitionPart } from '../mysql/definitions';

const LONGEST_PART = 120;

/**
 * What is different in a definition, part by part, for a reader: `+ w int`, `- v int`, `v: int → bigint`, `v moved behind id`. Empty where the
 * difference is in something that has no parts.
 *
 * @param kind of the definition; only columns have places.
 */
export function differenceBetween(kind: string, before: readonly DefinitionPart[], after: readonly DefinitionPart[]): string[] {
  const [old, present] = [new Map(before.map((part) => [part.name, part])), new Map(after.map((part) => [part.name, part]))];
  const gone = before.filter(({ name }) => !present.has(name)).map((part) => `- ${written(part)}`);
  const changed = after.flatMap((part) => {
    const then = old.get(part.name);
    if (then === undefined || then.text === part.text) return [];
    return [`${part.name === '' ? '' : `${part.name}: `}${cut(then.text)} → ${cut(part.text)}`];
  });
  const isPlaced = kind === 'columns of';
  const added = after.flatMap((part, index) => {
    if (old.has(part.name)) return [];
    const isInside = isPlaced && after.slice(index).some(({ name }) => old.has(name));
    return [`+ ${written(part)}${isInside ? placeOf(after[index - 1]?.name) : ''}`];
  });
  return [...gone, ...added, ...changed, ...isPlaced ? moved(before.filter(({ name }) => present.has(name)), after.filter(({ name }) => old.has(name))) : []];
}

/** The one whose move explains the other order, or that there is another order. */
function moved(before: readonly DefinitionPart[], after: readonly DefinitionPart[]): string[] {
  const orderWithout = (parts: readonly DefinitionPart[], left?: string) => JSON.stringify(parts.flatMap(({ name }) => (name === left ? [] : [name])));
  if (orderWithout(before) === orderWithout(after)) return [];
  const index = after.findIndex(({ name }) => orderWithout(before, name) === orderWithout(after, name));
  const name = after[index]?.name;
  return [name === undefined ? 'in another order' : `${name} moved${placeOf(after[index - 1]?.name)}`];
}

function placeOf(previous: string | undefined): string {
  return previous === undefined ? ' FIRST' : ` AFTER ${previous}`;
}

function written({ name, text }: DefinitionPart): string {
  return cut(name === '' ? text : `${name} ${text}`);
}

function cut(text: string): string {
  return text.length > LONGEST_PART ? `${text.slice(0, LONGEST_PART)} …` : text;
}
