import { type MigrationSettings, type PipelineSettings } from '../../lib/private/contract';

/** A tag of RDS holds 256 letters, digits, spaces and `_.:/=+-@`. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html */
const LONGEST_TAG = 256;
/** What may change as long as nothing was begun on Green: it was made, and preflight has judged, by the rest. */
const REPLACEABLE = ['collations', 'files'];
const NOT_IN_A_TAG = /[^\p{L}\p{N}_.:/+@-]/gu;

/** A plan as a tag can hold it, for people: `migration=convertCharacterSet databases=shop:mall …`. Two plans may read alike; the hash decides. */
export function planInWords({ migration, targetEngineVersion }: PipelineSettings): string {
  const parts = { ...partsOf(migration), targetEngineVersion: targetEngineVersion ?? 'as-on-Blue' };
  return Object.entries(parts).map(([name, value]) => `${name}=${value.replaceAll(NOT_IN_A_TAG, '-')}`).join(' ').slice(0, LONGEST_TAG);
}

function partsOf(migration: MigrationSettings): Readonly<Record<string, string>> {
  switch (migration.kind) {
    case 'none':
      return { migration: migration.kind };
    case 'convertCharacterSet':
      return {
        migration: migration.kind,
        databases: [...migration.databases].sort().join(':'),
        collations: Object.entries(migration.collations).sort().map(([from, to]) => `${from}/${to}`).join(':') || 'same-family',
      };
    case 'sqlFiles':
      return { migration: migration.kind, database: migration.database, files: migration.fingerprint.slice(0, 32) };
  }
}

/** What has changed between two plans, property by property, as {@link planInWords} has written them; empty where the words do not tell. */
export function differenceOf(before: string | undefined, after: string): string[] {
  if (before === undefined) return [];
  const [were, are] = [readWords(before), readWords(after)];
  return changedProperties(before, after).map((name) => {
    const shown = (plan: ReadonlyMap<string, string>) => (plan.has(name) ? `'${plan.get(name)}'` : 'not given');
    return `${name} was ${shown(were)} and is ${shown(are)}`;
  });
}

/** Whether two plans differ in nothing but what may be replaced while nothing was begun on Green. Words that were cut do not tell. */
export function isReplaceable(before: string | undefined, after: string): boolean {
  if (before === undefined || [before, after].some((words) => words.length >= LONGEST_TAG)) return false;
  const changed = changedProperties(before, after);
  return changed.length > 0 && changed.every((name) => REPLACEABLE.includes(name));
}

function changedProperties(before: string, after: string): string[] {
  const [were, are] = [readWords(before), readWords(after)];
  return [...new Set([...were.keys(), ...are.keys()])].filter((name) => were.get(name) !== are.get(name));
}

function readWords(words: string): ReadonlyMap<string, string> {
  return new Map(words.split(' ').map((part) => {
    const [name = '', ...value] = part.split('=');
    return [name, value.join('=')];
  }));
}
