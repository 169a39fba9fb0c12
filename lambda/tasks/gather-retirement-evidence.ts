import { createHash } from 'node:crypto';
import { Phase } from '../../lib/private/contract';
import { answers, consoleLink, isApproved } from '../shared/approval';
import { recordedOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type Evidence, type TaskEvent } from '../shared/state';
import { required, situationOf, task } from '../shared/task';

/**
 * Gathers what somebody is asked to approve before the old Blue is deleted, as a text and as a fingerprint: which cluster, and which one is production in its
 * stead. The checks right before have found nobody connected; those right behind look again.
 */
export const handler = task<Evidence>((event) => {
  const { source, target } = recordedOf(event);
  const { pipeline, clusterIdentifier } = readSettings();
  const hash = createHash('sha256').update(JSON.stringify(['retirement', pipeline, source, target])).digest('hex').slice(0, 16);
  // its final snapshot is taken only when that was approved.
  const approved = situationOf(event).phase === Phase.RETIRING || isApproved(event, hash);
  return Promise.resolve({ hash, approved, subject: `Approve the deletion of the old ${clusterIdentifier}?`, text: request(event, hash) });
});

function request(event: TaskEvent, hash: string): Evidence['text'] {
  const situation = situationOf(event);
  const { since } = recordedOf(event);
  const [oldBlue, production] = [required(situation.source, 'the old Blue'), required(situation.target, 'production')];
  const text = [
    `The old Blue '${oldBlue.identifier}' can be deleted, with ${oldBlue.instances.length} instance${oldBlue.instances.length === 1 ? '' : 's'} and its Blue/Green deployment.`,
    '',
    `Old Blue:    ${oldBlue.engineVersion}, ${oldBlue.resourceId}`,
    `Production:  '${production.identifier}', ${production.engineVersion}, ${production.resourceId}`,
    `             in its stead since ${since ?? 'a moment that is not known'}`,
    `Connections: nobody was connected to the old Blue at ${event.now}, and nothing replicated from or to it`,
    'Snapshot:    a final one is taken first, and waited for',
    `Evidence:    ${hash} (for other clusters, you are asked again)`,
    '',
    'AFTERWARDS THE OLD BLUE IS THERE AS A SNAPSHOT ONLY, with the data of the moment of the switchover.',
    'Right before it, everything is checked once more.',
    '',
    `The execution: ${consoleLink(event.execution.id)}`,
    '',
    'To answer, with AWS credentials that were granted it:',
    '',
  ].join('\n');
  return answers(text, event);
}
