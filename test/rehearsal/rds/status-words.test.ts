import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  DEPLOYMENT_STATUSES, PARAMETER_APPLY_STATUSES, SWITCHOVER_DETAIL_STATUSES, TASK_STATUSES,
} from '../../../rehearsal/rds/status-words';

// the words are in no enum of the SDK, only in the comments of its types.
const packageFolder = dirname(require.resolve('@aws-sdk/client-rds/package.json'));
const reference = readFileSync(join(packageFolder, 'dist-types', 'models', 'models_0.d.ts'), 'utf8');

/** The words that the comment of a member lists. */
function documentedWords(type: string, member: string): string[] {
  const start = reference.indexOf(`export interface ${type} {`);
  const body = reference.slice(start, reference.indexOf('\n}', start));
  const end = body.indexOf(`    ${member}?:`);
  const comment = body.slice(body.lastIndexOf('/**', end), end);
  return [...comment.matchAll(/<li> <p> ?<code>([^<]+)<\/code>/g)].map((match) => match[1] ?? '');
}

test.each([
  ['BlueGreenDeployment', 'Status', DEPLOYMENT_STATUSES],
  ['SwitchoverDetail', 'Status', SWITCHOVER_DETAIL_STATUSES],
  ['BlueGreenDeploymentTask', 'Status', TASK_STATUSES],
  ['DBParameterGroupStatus', 'ParameterApplyStatus', PARAMETER_APPLY_STATUSES],
])('%s.%s has the words of the API reference', (type, member, words) => {
  expect([...words].sort()).toEqual(documentedWords(type, member).sort());
});
