// Writes the table of docs/checks.md and the list in lib/private/contract.ts from the registries of the checks: npx tsx scripts/checks-table.ts
import fs from 'node:fs';
import path from 'node:path';
import { type Check } from '../lambda/checks/check';
import { BLUE_CHECKS, GREEN_CHECKS, OLD_BLUE_CHECKS, PRODUCTION_CHECKS } from '../lambda/checks/mysql/registry';
import { RDS_CHECKS } from '../lambda/checks/rds/registry';
import { type Severity } from '../lambda/shared/findings';
import { replacePart } from './document-parts';
import { writeIfChanged } from './generated';
import { root } from './stages';

/** The page with the table. */
export const checksPage = path.join(root, 'docs', 'checks.md');

const SEVERITIES: readonly Severity[] = ['blocker', 'warning', 'note'];

/** The file with the list that constructs and functions share. */
export const contractFile = path.join(root, 'lib', 'private', 'contract.ts');

/** The table of all checks, by zone in the order in which they run. */
export function checksTable(): string {
  const rows = everyCheck().map(({ check: { id, scopes, acknowledgeable }, zone, source }) => {
    const severities = severitiesIn(source);
    const severity = severities.map((one) => (one === 'blocker' && acknowledgeable === true ? 'blocker \\*' : one)).join(', ');
    return `| \`${id}\` | ${zone} | ${scopes.join(', ')} | ${severity} | ${firstSentence(source)} |`;
  });
  return ['| check | zone | moments | may be | what it is about |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** The file of the contract, with the list of the checks as they are. */
export function contractWithChecks(): string {
  const entries = everyCheck().map(({ check, source }) => `  '${check.id}': '${acknowledgeableIn(check, source)}',`);
  return fs.readFileSync(contractFile, 'utf8').replace(/(?<=export const CHECKS = \{\n)[^}]*(?=\} as const;)/, `${entries.join('\n')}\n`);
}

interface Registered {
  readonly check: Pick<Check<never>, 'id' | 'scopes' | 'acknowledgeable'>;
  readonly zone: 'rds' | 'mysql';
  readonly source: string;
}

function everyCheck(): Registered[] {
  const of = <Context>(zone: 'rds' | 'mysql', checks: readonly Check<Context>[]): Registered[] => (
    checks.map((check) => ({ check, zone, source: fs.readFileSync(path.join(root, 'lambda', 'checks', zone, `${check.id}.ts`), 'utf8') }))
  );
  return [...of('rds', RDS_CHECKS), ...of('mysql', BLUE_CHECKS), ...of('mysql', GREEN_CHECKS), ...of('mysql', PRODUCTION_CHECKS), ...of('mysql', OLD_BLUE_CHECKS)];
}

function acknowledgeableIn({ acknowledgeable }: Registered['check'], source: string): 'nothing' | 'warnings' | 'everything' {
  if (acknowledgeable === true) return 'everything';
  return severitiesIn(source).includes('warning') ? 'warnings' : 'nothing';
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

if (require.main === module) {
  writeIfChanged(checksPage, replacePart(fs.readFileSync(checksPage, 'utf8'), 'checks', checksTable()));
  writeIfChanged(contractFile, contractWithChecks());
}
