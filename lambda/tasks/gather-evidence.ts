import { createHash } from 'node:crypto';
import { planHash } from '../migration/plan';
import { replicaStatus } from '../mysql/dialect';
import { definitionsFingerprint } from '../mysql/inventory';
import { Session } from '../mysql/session';
import { answers, consoleLink, isApproved } from '../shared/approval';
import { comparedShare, sampleInWords } from '../shared/compared-share';
import { type Findings } from '../shared/findings';
import { mustNotWait } from '../shared/hooks';
import { readSettings } from '../shared/settings';
import { type ComparisonProgress, type Evidence, type Situation, type TaskEvent } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { inWords } from '../shared/waiting';

/** The longest a finding is quoted in the request. */
const MOST_CHARACTERS = 400;
const MOST_WARNINGS = 8;

/**
 * Gathers what somebody is asked to approve, as a text and as a fingerprint. An approval holds for this fingerprint only: other columns on Blue, other
 * clusters, another plan or another comparison are other evidence.
 */
export const handler = task<Evidence>(async (event) => {
  const situation = situationOf(event);
  const blue = await Session.use(required(situation.source, 'Blue'), definitionsFingerprint);
  const lagSeconds = await Session.use(required(situation.target, 'Green'), async (green) => (await replicaStatus(green))?.lagSeconds ?? null);
  const hash = fingerprint(event, situation, blue);
  const approved = isApproved(event, hash);
  if (!approved) mustNotWait(event, 'the approval counts no longer, because Blue or the comparison has changed since, or because it is too old');
  return { hash, approved, subject: `Approve the switchover of ${readSettings().clusterIdentifier}?`, text: request(event, situation, lagSeconds, hash) };
});

function fingerprint({ state: { plan, comparison } }: TaskEvent, { deployment, source, target }: Situation, blue: string): string {
  const facts = [
    deployment?.identifier, source?.resourceId, source?.engineVersion, target?.resourceId, target?.engineVersion, planHash(readSettings()), blue,
    plan?.steps, plan?.skippedTables, comparison?.tables, comparison?.startedAt, comparison?.hotRows,
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

/** The request, cut where the commands need the task token. */
function request(event: TaskEvent, { source, target, deployment }: Situation, lagSeconds: number | null, hash: string): Evidence['text'] {
  const { state, execution } = event;
  const { comparison, plan } = state;
  const timeout = state.options.switchoverTimeoutSeconds;
  const text = [
    `Everything is ready to switch '${source?.identifier}' over to Green ('${target?.identifier}', deployment ${deployment?.identifier}).`,
    '',
    `Blue:        ${source?.engineVersion}, ${source?.resourceId}`,
    `Green:       ${target?.engineVersion}, ${target?.resourceId}`,
    `Migration:   ${plan === null ? 'nothing to do' : `${plan.steps} steps done, ${plan.skippedTables} tables were as they should be`}`,
    `Replication: ${lagSeconds === null ? 'the lag is not known at this moment' : `${lagSeconds} s behind Blue`}`,
    `Comparison:  ${compared(comparison)}`,
    `Switchover:  usually less than a minute in which writes stop; after ${inWords(timeout)} RDS rolls it back`,
    `Evidence:    ${hash} (if Blue or the comparison changes, you are asked again)`,
    '',
    ...warnings(state.preflight?.rds, state.preflight?.mysql, state.greenCheck?.rds, state.greenCheck?.mysql),
    'AFTER THE SWITCHOVER THERE IS NO WAY BACK BUT A SNAPSHOT, or the old Blue as it was at that moment: what is written afterwards is in neither.',
    'Right before it, everything is checked once more.',
    '',
    `The execution: ${consoleLink(execution.id)}`,
    '',
    'To answer, with AWS credentials that were granted it:',
    '',
  ].join('\n');
  return answers(text, event);
}

/** What is known of the data. */
function compared(comparison: ComparisonProgress | null): string {
  const share = comparedShare(readSettings());
  if (share === 0) return 'none (Comparison.off()): nobody has looked whether the data of Blue and Green are equal';
  if (comparison === null) return 'none';
  const { tables, tablesCompared, rowsCompared, hotRows } = comparison;
  return `${share < 1 ? `${sampleInWords(share)}: ` : ''}${tablesCompared} of ${tables} tables equal, ${rowsCompared} rows, ${hotRows} of them changed too often to be compared`;
}

/** What the checks had to say, as far as it fits. */
function warnings(...zones: readonly (Findings | undefined)[]): string[] {
  const found = zones.flatMap((zone) => zone?.findings ?? []).filter(({ severity }) => severity === 'warning');
  const lines = [...new Set(found.map(({ id, message }) => `- ${id}: ${message.slice(0, MOST_CHARACTERS)}`))];
  if (lines.length === 0) return ['The checks have found nothing to warn of.', ''];
  const more = lines.length - MOST_WARNINGS;
  return ['The checks warn:', ...lines.slice(0, MOST_WARNINGS), ...more > 0 ? [`- and ${more} more, see the execution`] : [], ''];
}
