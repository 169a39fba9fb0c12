// Writes the table of docs/checks.md from the registries of the checks: npx tsx scripts/checks-table.ts
import fs from 'node:fs';
import path from 'node:path';
import { type Check } from '../lambda/checks/check';
import { BLUE_CHECKS, GREEN_CHECKS, PRODUCTION_CHECKS } from '../lambda/checks/mysql/registry';
import { RDS_CHECKS } from '../lambda/checks/rds/registry';
import { type Severity } from '../lambda/shared/findings';
import { replacePart } from './document-parts';
import { writeIfChanged } from './generated';
import { root } from './stages';

/** The page with the table. */
export const checksPage = path.join(root, 'docs', 'checks.md');

const SEVERITIES: readonly Severity[] = ['blocker', 'warning', 'note'];

/** The table of all checks, by zone in the order in which they run. */
export function checksTable(): string {
  const rows = [...rowsOf('rds', RDS_CHECKS), ...rowsOf('mysql', BLUE_CHECKS), ...rowsOf('mysql', GREEN_CHECKS), ...rowsOf('mysql', PRODUCTION_CHECKS)];
  return ['| check | zone | moments | may be | what it is about |', '|---|---|---|---|---|', ...rows].join('\n');
}

function rowsOf<Context>(zone: 'rds' | 'mysql', checks: readonly Check<Context>[]): string[] {
  return checks.map(({ id, scopes }) => {
    const source = fs.readFileSync(path.join(root, 'lambda', 'checks', zone, `${id}.ts`), 'utf8');
    return `| \`${id}\` | ${zone} | ${scopes.join(', ')} | ${severitiesIn(source).join(', ')} | ${firstSentence(source)} |`;
  });
}

/** The severities a check's file speaks of. */
function severitiesIn(source: string): Severity[] {
  return SEVERITIES.filter((severity) => source.includes(`'${severity}'`) || source.includes(`${severity}(`));
}

/** What the comment above the check says first. */
function firstSentence(source: string): string {
  const [, comment] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+: Check</.exec(source) ?? [];
  const text = (comment ?? '').split('\n').map((line) => line.replace(/^\s*\*? ?/, '')).join(' ').replaceAll(/\s+/g, ' ').trim();
  const sentence = /^.*?\.(?= |$)/.exec(text)?.[0];
  if (sentence === undefined) throw new Error(`a check should say in the comment above it what it is for, got: ${source.slice(0, 200)}`);
  return sentence.replaceAll('|', '\\|');
}

if (require.main === module) writeIfChanged(checksPage, replacePart(fs.readFileSync(checksPage, 'utf8'), 'checks', checksTable()));
