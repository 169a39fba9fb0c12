import { DeploymentTag, Phase, RetirementTag } from '../../lib/private/contract';
import { nameOf } from '../rds/client';
import { tagDeployment } from '../rds/deployments';
import { belongsTo, coordinatesIn, eventsBetween } from '../rds/events';
import { addTags } from '../rds/tags';
import { type Outage, type Report } from '../report/content';
import { storeReport } from '../report/store';
import { timelineOf } from '../report/timeline';
import { comparedShare } from '../shared/compared-share';
import { explained } from '../shared/failure';
import { inLines } from '../shared/findings';
import { log } from '../shared/log';
import { readSettings } from '../shared/settings';
import { type EndpointWatch, type GapsSeen, type PipelineState, type TaskEvent } from '../shared/state';
import { situationOf, task } from '../shared/task';
import { inWords, secondsBetween } from '../shared/waiting';

/** Tells what happened, and marks the deployment as finished, so that a later execution knows that nothing is left to do. */
export const handler = task<Report>(async (event) => {
  const { state } = event;
  const situation = situationOf(event);
  const finished = state.restoration !== null;
  // where the old Blue is to be retired, it is marked before the bake time, and gone by now.
  if (finished && situation.deployment !== null && !state.bakeTime) {
    const tags = { [DeploymentTag.FINISHED]: event.now };
    // whoever has deleted the deployment object already needs no mark on it.
    await unlessGone(tagDeployment(situation.deployment.identifier, situation.source?.arn ?? situation.target?.arn ?? '', tags), 'BlueGreenDeploymentNotFound');
  }
  if (state.retirement) await markReported(state.retirement.earlySnapshot, event.now);
  const share = comparedShare(readSettings());
  const comparison = share === 0 ? null : state.comparison;
  const report: Report = {
    summary: summaryOf(event),
    cluster: readSettings().clusterIdentifier,
    deployment: situation.deployment?.identifier ?? null,
    retired: Boolean(state.retirement),
    execution: event.execution.id,
    startedAt: event.execution.startedAt,
    endedAt: event.now,
    seconds: secondsBetween(event.execution.startedAt, event.now),
    timeline: timelineOf(event),
    findings: findingsOf(state),
    migration: state.restoration?.ledger ?? null,
    lag: [...state.migration?.lag ?? [], ...state.replication?.lag ?? []],
    comparedShare: comparison === null ? null : share,
    tablesCompared: comparison?.tablesCompared ?? null,
    rowsCompared: comparison?.rowsCompared ?? null,
    hotRows: comparison?.hotRows ?? null,
    outage: state.switchover?.watch ? outageOf(state.switchover.watch) : null,
    coordinates: finished ? await coordinates(event) : null,
    cancelledSwitchovers: state.attempts.reasons,
    remarks: [
      ...state.blueRestored?.remarks ?? [], ...state.abandon?.remarks ?? [], ...state.parameters?.remarks ?? [], ...state.restoration?.remarks ?? [],
      ...hookRemarks(state), ...retirementRemarks(state),
    ],
  };
  log.info('report', { report });
  return { ...report, remarks: [...report.remarks, ...await storeReport(report, readSettings())] };
});

/** Until then, the retirement counts as one that is still to be finished. Whoever has deleted the snapshot already needs it no more. */
async function markReported(snapshot: string, now: string): Promise<void> {
  await unlessGone(addTags(snapshot, { [RetirementTag.REPORTED]: now }), 'DBClusterSnapshotNotFound');
}

async function unlessGone(call: Promise<unknown>, gone: string): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    if (nameOf(thrown) !== gone) throw thrown;
  }
}

function hookRemarks({ hooks: { afterSwitchover } }: PipelineState): string[] {
  if (afterSwitchover === null) return [];
  const words = `${afterSwitchover.Error}: ${explained(afterSwitchover)}`;
  return [`the hook 'afterSwitchover' has failed, so what it starts may not be started: ${words}. Nothing was undone for it; run it by hand`];
}

function retirementRemarks({ retirement, bakeTime, situation }: PipelineState): readonly string[] {
  if (retirement || !bakeTime) return retirement?.remarks ?? [];
  return [`the old Blue was not retired: ${situation?.deployment ? 'it does not exist any more, and only its deployment object is left, which you may delete' : 'its Blue/Green deployment is gone, because another execution has retired it, or somebody has deleted the deployment by hand; see whether an old cluster is left'}`];
}

function outageOf({ fresh, pooled, resolutionMilliseconds, changedAt }: EndpointWatch): Outage {
  const gapsOf = ({ longestReadGapMilliseconds, longestWriteGapMilliseconds, errors }: GapsSeen) => (
    { readMilliseconds: longestReadGapMilliseconds, writeMilliseconds: longestWriteGapMilliseconds, errors }
  );
  return { ...gapsOf(fresh), pooled: gapsOf(pooled), resolutionMilliseconds, newServerAt: changedAt };
}

function summaryOf({ state, execution, now }: TaskEvent): string {
  const { clusterIdentifier, deploymentName, migration } = readSettings();
  const took = inWords(secondsBetween(execution.startedAt, now));
  if (state.options.action === 'abandon') {
    return state.blueRestored === null
      ? `there was nothing to give up for '${clusterIdentifier}': there is no Blue/Green deployment '${deploymentName}'`
      : `Green of '${clusterIdentifier}' was given up: it is deleted together with its Blue/Green deployment '${deploymentName}', and Blue is production as before (${took})`;
  }
  if (state.retirement) {
    const before = state.restoration === null ? '' : `'${clusterIdentifier}' was switched over and restored to Blue's settings, and `;
    return `${before}the old Blue ${state.retirement.oldBlue} of '${clusterIdentifier}' was retired (${took}); its final snapshot is ${state.retirement.snapshot}`;
  }
  if (state.options.action === 'retire' && state.situation?.phase === Phase.NONE && state.restoration === null) {
    return `there was nothing to retire for '${clusterIdentifier}': there is no Blue/Green deployment '${deploymentName}', nor an old Blue that this pipeline has begun to retire`;
  }
  if (state.options.preflightOnly && (state.situation?.phase === Phase.RETIRING || state.situation?.phase === Phase.REMOVING)) {
    return `nothing was checked and nothing was done, because the old Blue of '${clusterIdentifier}' is being retired. An execution with {} finishes that`;
  }
  if (state.options.preflightOnly && state.preflight === null) {
    return `nothing was checked and nothing was done, because Blue/Green deployment '${state.situation?.deployment?.name}' of '${clusterIdentifier}' exists already `
      + `(${state.situation?.deployment?.status}); { "preflightOnly": true } is for the time before. An execution with {} goes on with it`;
  }
  if (state.bakeTime && state.restoration === null) return `'${clusterIdentifier}' was switched over by an earlier execution; nothing of its old Blue was found that could be retired`;
  if (state.situation?.phase === Phase.FINISHED && state.restoration === null) return `'${clusterIdentifier}' was switched over by an earlier execution; nothing was left to do`;
  if (state.restoration !== null) {
    const changed = state.restoration.unfinished ? ' before the migration was done' : { none: '', convertCharacterSet: ', converted to utf8mb4', sqlFiles: ', changed by its SQL files' }[migration.kind];
    return `'${clusterIdentifier}' was switched over${changed}, and restored to Blue's settings (${took})`;
  }
  return `preflight found no blocker for '${clusterIdentifier}'; nothing was created (preflightOnly)`;
}

function findingsOf({ preflight, greenCheck, readinessCheck, verificationCheck }: PipelineState): string[] {
  const zones = [preflight, greenCheck, readinessCheck, verificationCheck].flatMap((checks) => (checks === null ? [] : [checks.rds, checks.mysql]));
  return inLines(...zones);
}

/** Events may come late and are not worth failing for: without them there is no way back, which the report then says. */
async function coordinates(event: TaskEvent): Promise<Report['coordinates']> {
  try {
    const since = new Date(Date.parse(event.state.verification?.startedAt ?? event.now) - 3_600_000);
    const events = await eventsBetween(since, new Date(event.now), belongsTo(situationOf(event)));
    return coordinatesIn(events) ?? null;
  } catch (thrown) {
    log.warn('the coordinates of the switchover could not be read', { thrown });
    return null;
  }
}
