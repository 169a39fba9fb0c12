import { type Account } from './account';
import { endpointsOf } from './cluster-operations';
import { type BinlogPosition, type TopologyRow } from './engine';
import { type Faults } from './fault-injection';
import { applyRole } from './parameter-values';
import { type Cluster, type Deployment, type DeploymentMember, type Instance, type RecordedEvent } from './resources';
import { type DeploymentStatus } from './status-words';

/** Where AWS's documents are silent or contradict each other, so that both answers can be rehearsed. */
export interface SwitchoverOptions {
  /** The status after a switchover that a guardrail cancelled. */
  readonly statusAfterGuardrail: Extract<DeploymentStatus, 'AVAILABLE' | 'SWITCHOVER_FAILED'>;
  /** Under which source type the event with the binlog coordinates is found. */
  readonly coordinatesSourceType: Extract<RecordedEvent['sourceType'], 'db-instance' | 'db-cluster'>;
  /** Whether that event names its source as it was called before the switchover (`…-green-abc123`) or as it is called now. */
  readonly coordinatesSourceName: 'green' | 'production';
}

interface Switchover {
  readonly deployment: Deployment;
  readonly green: Cluster;
  /** In seconds, for the switchover as a whole. */
  readonly timeout: number;
}

/** Runs a switchover in the order AWS documents; whatever goes wrong before names are swapped is rolled back. */
export async function runSwitchover(account: Account, faults: Faults, options: SwitchoverOptions, switchover: Switchover): Promise<void> {
  const { deployment, green, timeout } = switchover;
  const { blue } = deployment;
  const { durations } = account;
  const deadline = account.clock.now().getTime() + timeout * 1000;
  const greenName = { cluster: green.identifier, writer: writerOf(green).identifier };
  account.record('blue-green-deployment', deployment.identifier, 'Switchover from blue to green started.', 'notification');
  account.record('db-cluster', blue.identifier, `Switchover from DB cluster ${blue.identifier} to ${green.identifier} started.`, 'notification');

  let coordinates: BinlogPosition | undefined;
  try {
    await announce('SWITCHOVER_INITIATED', switchover, [blue, green]);
    await account.sleep(durations.switchoverPreparation);
    setMembers(deployment, 'SWITCHOVER_IN_PROGRESS');
    await account.sleep(durations.guardrails);
    await checkGuardrails(faults, blue, green, timeout);
    await announce('SWITCHOVER_IN_PROGRESS', switchover, [blue, green]);
    await blockWrites(blue, green);
    await waitForCatchUp(account, faults, switchover, deadline);
    // only now: a server cannot become read-only while its applier is in the middle of a large transaction.
    await green.engine.setForcedReadOnly(true);
    await account.sleep(durations.rename);
    // nothing writes on Green but its replication, which has nothing left to apply: this is where the new production begins.
    coordinates = await green.engine.binlogPosition();
    await green.engine.detachReplica();
    await blue.engine.dropReplicas();
  } catch (error) {
    if (account.isClosed) throw error;
    await rollBack(account, options, switchover, error);
    return;
  }

  green.replicationSource = undefined;
  blue.isForcedReadOnly = true;
  const renamed = swapNames(account, deployment, green);
  await makeProduction(green);
  await announce('SWITCHOVER_IN_POST_PROCESSING', switchover, [green]);
  for (const endpoint of [...endpointsOf(blue), ...endpointsOf(green)]) endpoint.accept();
  setMembers(deployment, 'SWITCHOVER_COMPLETED');
  for (const { from, to, sourceType } of renamed) account.record(sourceType, to, `Switchover completed. Renamed ${from} to ${to}.`, 'notification');
  await account.sleep(durations.switchoverFinish);
  await announce('SWITCHOVER_COMPLETED', switchover, [green]);
  deployment.status = 'SWITCHOVER_COMPLETED';
  deployment.settlesAt = new Date(account.clock.now().getTime() + durations.settle * 1000);
  account.record('blue-green-deployment', deployment.identifier, 'Switchover from blue to green completed.', 'notification');
  await account.sleep(durations.coordinatesEvent);
  if (coordinates) recordCoordinates(account, options, green, greenName, coordinates);
}

/** A guardrail of RDS refused the switchover; nothing has been changed. */
class GuardrailError extends Error {}

async function checkGuardrails(faults: Faults, blue: Cluster, green: Cluster, timeout: number): Promise<void> {
  const refuse = (reason: string): never => { throw new GuardrailError(reason); };
  if (faults.switchoverGuardrail !== undefined) refuse(faults.switchoverGuardrail);
  const replication = await green.engine.replication();
  if (!replication?.healthy) refuse(`Replication from ${blue.identifier} to ${green.identifier} isn't healthy. ${replication?.error ?? 'Replication is stopped.'}`);
  const lag = replication?.lagSeconds;
  // how RDS derives the limit from the timeout is not documented; the timeout itself is the largest it can be.
  if (lag === undefined || lag > timeout) refuse(`The replica lag of ${green.identifier} is ${lag ?? 'unknown'} seconds, above what the switchover timeout of ${timeout} seconds allows.`);
  const [activeWrite] = await green.engine.activeWrites();
  if (activeWrite !== undefined) refuse(`There are active writes on the green cluster ${green.identifier}: ${activeWrite}`);
  if ((await blue.engine.replication())?.healthy) refuse(`The blue cluster ${blue.identifier} is a binlog replica and replicating.`);
  const [longWrite] = await blue.engine.longRunningWrites();
  if (longWrite !== undefined) refuse(`There are long-running writes or DDL statements on the blue cluster ${blue.identifier}: ${longWrite}`);
}

/** Nobody can connect from here on, on either side, so nobody writes on Green; Blue refuses writes besides. Replication goes on. */
async function blockWrites(blue: Cluster, green: Cluster): Promise<void> {
  for (const endpoint of [...endpointsOf(blue), ...endpointsOf(green)]) endpoint.refuse();
  await Promise.all([blue.engine.dropClients(), green.engine.dropClients()]);
  await blue.engine.setForcedReadOnly(true);
}

async function waitForCatchUp(account: Account, faults: Faults, { deployment, green, timeout }: Switchover, deadline: number): Promise<void> {
  const end = await deployment.blue.engine.binlogPosition();
  if (!end) throw new Error(`The binlog of ${deployment.blue.identifier} is off.`);
  for (;;) {
    const caughtUp = !faults.switchoverTakesTooLong && await green.engine.hasExecuted(end);
    if (account.clock.now().getTime() >= deadline) throw new Error(`The switchover exceeded the timeout of ${timeout} seconds.`);
    if (caughtUp) return;
    await account.sleep(account.durations.catchUpPoll);
  }
}

async function rollBack(account: Account, options: SwitchoverOptions, switchover: Switchover, error: unknown): Promise<void> {
  const { deployment, green } = switchover;
  const { blue } = deployment;
  const reason = error instanceof Error ? error.message : String(error);
  const isGuardrail = error instanceof GuardrailError;
  for (const { engine } of isGuardrail ? [] : [blue, green]) await engine.setForcedReadOnly(false);
  for (const endpoint of isGuardrail ? [] : [...endpointsOf(blue), ...endpointsOf(green)]) endpoint.accept();
  await announce('AVAILABLE', switchover, [blue, green]);
  deployment.status = isGuardrail ? options.statusAfterGuardrail : 'SWITCHOVER_FAILED';
  deployment.statusDetails = reason;
  setMembers(deployment, deployment.status);
  account.record('blue-green-deployment', deployment.identifier, `Switchover from blue to green was canceled due to: ${reason}`, 'failure');
  account.record('db-cluster', blue.identifier, `Switchover from DB cluster ${blue.identifier} to ${green.identifier} was canceled due to: ${reason}`, 'failure');
}

/** As the AWS Advanced JDBC driver reads it on both sides. */
async function announce(status: TopologyRow['status'], { deployment: { blue }, green }: Switchover, sides: readonly Cluster[]): Promise<void> {
  const row = (cluster: Cluster, role: TopologyRow['role']): TopologyRow => ({ endpoint: cluster.identifier, port: cluster.endpoint.port, role, status });
  for (const { engine } of sides) await engine.announce([row(blue, 'BLUE_GREEN_DEPLOYMENT_SOURCE'), row(green, 'BLUE_GREEN_DEPLOYMENT_TARGET')]);
}

function setMembers(deployment: Deployment, status: DeploymentMember['status']): void {
  for (const member of deployment.members) member.status = status;
}

/** Blue's names, endpoints and tags go to Green; Blue gets `-old1`, or the next number that is free. */
function swapNames(account: Account, deployment: Deployment, green: Cluster): { sourceType: 'db-cluster' | 'db-instance'; from: string; to: string }[] {
  const swaps: { sourceType: 'db-cluster' | 'db-instance'; from: string; to: string }[] = [];
  for (const { source, target } of deployment.members) {
    if (!target) continue;
    const sourceType = 'instances' in source ? 'db-cluster' : 'db-instance';
    const production = source.identifier;
    const old = oldName(account, production);
    swaps.push({ sourceType, from: production, to: old }, { sourceType, from: target.identifier, to: production });
    [source.identifier, target.identifier] = [old, production];
    [source.endpoint, target.endpoint] = [target.endpoint, source.endpoint];
    source.endpoint.retarget(deployment.blue.engine.port);
    target.endpoint.retarget(green.engine.port);
    // Blue's tags replace whatever Green was given meanwhile.
    target.tags = source.tags.map((tag) => ({ ...tag }));
  }
  return swaps;
}

function oldName(account: Account, identifier: string): string {
  const taken = new Set([...account.clusters, ...account.instances].map((resource: Cluster | Instance) => resource.identifier));
  let number = 1;
  while (taken.has(`${identifier}-old${number}`)) number += 1;
  return `${identifier}-old${number}`;
}

async function makeProduction(green: Cluster): Promise<void> {
  await applyRole(green);
  await green.engine.setForcedReadOnly(false);
}

function recordCoordinates(
  account: Account, options: SwitchoverOptions, green: Cluster, former: { cluster: string; writer: string }, { file, position }: BinlogPosition,
): void {
  const isInstance = options.coordinatesSourceType === 'db-instance';
  const now = isInstance ? writerOf(green).identifier : green.identifier;
  const identifier = options.coordinatesSourceName === 'green' ? former[isInstance ? 'writer' : 'cluster'] : now;
  // a position of another meaning in similar words: a client that resumes from it would apply changes twice.
  account.record(options.coordinatesSourceType, identifier, `Binlog position from crash recovery is ${file} 4`, 'notification');
  account.record(
    options.coordinatesSourceType, identifier,
    `Binary log coordinates in green environment after switchover: file ${file} and position ${position}`, 'notification',
  );
}

function writerOf(cluster: Cluster): Instance {
  const writer = cluster.instances.find((instance) => instance.isWriter);
  if (!writer) throw new Error(`cluster ${cluster.identifier} has no writer`);
  return writer;
}
