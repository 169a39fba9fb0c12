import fs from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Utf8mb4Stack } from '../../examples/utf8mb4/utf8mb4-stack';
import { handler } from '../../lambda/tasks/read-input';
import { ErrorName } from '../../lib/private/contract';
import { EventName } from '../../lib/private/state-machine/announcements';
import { StateName } from '../../lib/private/state-machine/names';
import { checksTable, contractFile, contractWithChecks } from '../../scripts/checks-table';
import { partOf } from '../../scripts/document-parts';
import { permissionsTable, retirementPermissionsTable } from '../../scripts/permissions-table';
import { configure, eventOf } from '../lambda/shared/event';
import { read } from './pages';

/** What stands in code in the first column of the tables of a text. */
function firstColumn(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

describe('tables in README and docs', () => {
  test('docs/checks.md has the checks of the registries (npx tsx scripts/checks-table.ts writes them)', () => {
    expect(partOf(read('docs/checks.md'), 'checks')).toBe(checksTable());
  });

  test('lib/private/contract.ts has the checks of the registries (npx tsx scripts/checks-table.ts writes them)', () => {
    expect(fs.readFileSync(contractFile, 'utf8')).toBe(contractWithChecks());
  });

  test('docs/permissions.md has the policies of the template (npx tsx scripts/permissions-table.ts writes them)', () => {
    expect(partOf(read('docs/permissions.md'), 'permissions')).toBe(permissionsTable());
    expect(partOf(read('docs/permissions.md'), 'retirement-permissions')).toBe(retirementPermissionsTable());
  });

  test('docs/architecture.md has every state, and no other', () => {
    expect(firstColumn(partOf(read('docs/architecture.md'), 'states')).sort()).toEqual(Object.values(StateName).sort());
  });

  test('docs/events.md has every event', () => {
    const section = read('docs/events.md').split(/^## /m).find((part) => part.startsWith('What is told')) ?? '';
    expect(firstColumn(section)).toEqual(Object.values(EventName));
  });

  test('README counts the functions right', () => {
    const functions = Template.fromStack(new Utf8mb4Stack(new App(), 'Utf8mb4')).findResources('AWS::Lambda::Function');
    expect(read('README.md')).toContain(`${Object.keys(functions).length} Lambda functions`);
  });

  test('README has every key the execution input may have', async () => {
    configure();
    const error = await handler(eventOf({}, { input: { unknown: true } })).then(() => new Error('it was accepted'), (thrown: Error) => thrown);
    expect(error.name).toBe(ErrorName.INVALID_INPUT);
    const keys = [...(/the keys it may have are (.*?) \(/.exec(error.message)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, key]) => key);
    const section = read('README.md').split(/^## /m).find((part) => part.startsWith('Start an execution')) ?? '';
    expect(firstColumn(section)).toEqual(keys);
  });
});
