import {
  BlueGreenDeploymentNotFoundFault$, CreateBlueGreenDeployment$, type CreateBlueGreenDeploymentRequest, type CreateBlueGreenDeploymentResponse,
  DeleteBlueGreenDeployment$, type DeleteBlueGreenDeploymentRequest, type DeleteBlueGreenDeploymentResponse, DescribeBlueGreenDeployments$,
  type DescribeBlueGreenDeploymentsRequest, type DescribeBlueGreenDeploymentsResponse, InvalidBlueGreenDeploymentStateFault$,
  SwitchoverBlueGreenDeployment$, type SwitchoverBlueGreenDeploymentRequest, type SwitchoverBlueGreenDeploymentResponse,
} from '@aws-sdk/client-rds';
import { type Account, randomCharacters } from './account';
import { createGreen } from './deployment-creation';
import { deleteDeployment } from './deployment-deletion';
import { checkCreation, checkNotReplica } from './deployment-preconditions';
import { deploymentView } from './deployment-view';
import { type Faults } from './fault-injection';
import { type Caller, type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { type Deployment } from './resources';
import { fault, invalidParameterCombination, invalidParameterValue, required } from './service-error';
import { runSwitchover, type SwitchoverOptions } from './switchover';

/** Operations on Blue/Green deployments. */
export function deploymentOperations(account: Account, faults: Faults, options: SwitchoverOptions): Operation[] {
  const deploymentArn = (identifier: string | undefined) => [account.arn('deployment', identifier ?? '*')];
  return [
    operation(CreateBlueGreenDeployment$, (input: Partial<CreateBlueGreenDeploymentRequest>) => [
      ...deploymentArn(undefined),
      ...(input.Source === undefined ? [] : [input.Source]),
      ...(input.TargetDBClusterParameterGroupName === undefined ? [] : [account.arn('cluster-pg', input.TargetDBClusterParameterGroupName)]),
    ], (input, caller) => create(account, faults, input, caller)),
    operation(DescribeBlueGreenDeployments$, (input: DescribeBlueGreenDeploymentsRequest) => deploymentArn(input.BlueGreenDeploymentIdentifier),
      (input) => describe(account, input)),
    operation(SwitchoverBlueGreenDeployment$, (input: Partial<SwitchoverBlueGreenDeploymentRequest>) => deploymentArn(input.BlueGreenDeploymentIdentifier),
      (input, caller) => switchOver(account, faults, options, input, caller)),
    operation(DeleteBlueGreenDeployment$, (input: Partial<DeleteBlueGreenDeploymentRequest>) => deploymentArn(input.BlueGreenDeploymentIdentifier),
      (input, caller) => remove(account, input, caller)),
  ];
}

async function create(
  account: Account, faults: Faults, input: Partial<CreateBlueGreenDeploymentRequest>, caller: Caller,
): Promise<CreateBlueGreenDeploymentResponse> {
  await checkNotReplica(account, input.Source);
  // nothing is waited for from here on, so that two calls at once cannot both pass.
  const plan = checkCreation(account, input);
  const suffix = `-green-${randomCharacters(6)}`;
  if (plan.tags.length > 0) caller.require('AddTagsToResource', [account.arn('deployment', '*')]);
  caller.require('CreateDBCluster', [account.arn('cluster', `${plan.blue.identifier}${suffix}`)]);
  caller.require('CreateDBInstance', plan.blue.instances.map((instance) => account.arn('db', `${instance.identifier}${suffix}`)));
  caller.require('CreateDBClusterEndpoint', [account.arn('cluster-endpoint', '*')]);
  const isUpgrade = plan.targetEngineVersion !== plan.blue.engineVersion;
  const deployment: Deployment = {
    ...plan,
    identifier: `bgd-${randomCharacters(16)}`,
    tasks: [
      'CREATING_READ_REPLICA_OF_SOURCE', ...(isUpgrade ? ['DB_ENGINE_VERSION_UPGRADE'] : []), 'CREATE_DB_INSTANCES_FOR_CLUSTER', 'CREATE_CUSTOM_ENDPOINTS',
    ].map((name) => ({ name, status: 'PENDING' })),
    members: [plan.blue, ...plan.blue.instances].map((source) => ({ source, status: 'PROVISIONING' })),
    createTime: account.clock.now(),
    status: 'PROVISIONING',
    cancellation: new AbortController(),
  };
  account.deployments.push(deployment);
  deployment.creation = account.inBackground(() => createGreen(account, faults, deployment, suffix));
  return { BlueGreenDeployment: deploymentView(account, deployment) };
}

function describe(account: Account, input: DescribeBlueGreenDeploymentsRequest): DescribeBlueGreenDeploymentsResponse {
  const { BlueGreenDeploymentIdentifier: identifier, Filters: filters } = input;
  if (identifier !== undefined && filters?.length) throw invalidParameterCombination('Either BlueGreenDeploymentIdentifier or Filters can be given.');
  const deployments = identifier === undefined ? account.deployments : [deploymentWith(account, identifier)];
  const wanted = filtered(deployments, filters, {
    'blue-green-deployment-identifier': (deployment) => [deployment.identifier],
    'blue-green-deployment-name': (deployment) => [deployment.name],
    'source': (deployment) => [account.memberArn(deployment.blue)],
    'target': (deployment) => [deployment.green && account.memberArn(deployment.green)],
  });
  const { items, marker } = page(wanted, input);
  return { BlueGreenDeployments: items.map((deployment) => deploymentView(account, deployment)), Marker: marker };
}

function switchOver(
  account: Account, faults: Faults, options: SwitchoverOptions, input: Partial<SwitchoverBlueGreenDeploymentRequest>, caller: Caller,
): SwitchoverBlueGreenDeploymentResponse {
  const deployment = deploymentWith(account, required(input.BlueGreenDeploymentIdentifier, 'BlueGreenDeploymentIdentifier'));
  const timeout = input.SwitchoverTimeout ?? 300;
  if (timeout < 30 || timeout > 3600) throw invalidParameterValue(`SwitchoverTimeout should be 30 to 3600 seconds, got ${timeout}.`);
  const { blue, green } = deployment;
  // that a failed switchover may be tried again is commonly reported, though not in AWS's documents.
  if ((deployment.status !== 'AVAILABLE' && deployment.status !== 'SWITCHOVER_FAILED') || !green) {
    throw invalidState(deployment, 'AVAILABLE');
  }
  caller.require('ModifyDBCluster', [account.memberArn(blue), account.memberArn(green)]);
  caller.require('PromoteReadReplicaDBCluster', [account.memberArn(green)]);
  const unavailable = [blue, green, ...blue.instances, ...green.instances].find((resource) => resource.status !== 'available');
  if (unavailable) {
    throw fault(InvalidBlueGreenDeploymentStateFault$, `${unavailable.identifier} is in ${unavailable.status} state; all resources of the deployment should be available.`);
  }
  deployment.status = 'SWITCHOVER_IN_PROGRESS';
  deployment.statusDetails = undefined;
  // the members follow a moment later.
  for (const member of deployment.members) member.status = 'AVAILABLE';
  void account.inBackground(() => runSwitchover(account, faults, options, { deployment, green, timeout }));
  return { BlueGreenDeployment: deploymentView(account, deployment) };
}

function remove(account: Account, input: Partial<DeleteBlueGreenDeploymentRequest>, caller: Caller): DeleteBlueGreenDeploymentResponse {
  const deployment = deploymentWith(account, required(input.BlueGreenDeploymentIdentifier, 'BlueGreenDeploymentIdentifier'));
  const deletesTarget = input.DeleteTarget ?? false;
  const { green, status } = deployment;
  if (status === 'SWITCHOVER_IN_PROGRESS' || status === 'DELETING') throw invalidState(deployment, 'AVAILABLE, SWITCHOVER_COMPLETED, SWITCHOVER_FAILED or PROVISIONING');
  if (status === 'SWITCHOVER_COMPLETED' && deletesTarget) {
    throw invalidParameterCombination('DeleteTarget cannot be given for a deployment in SWITCHOVER_COMPLETED: its target is the production now.');
  }
  if (deployment.settlesAt && account.clock.now() < deployment.settlesAt) {
    throw fault(InvalidBlueGreenDeploymentStateFault$, `BlueGreenDeployment ${deployment.identifier} cannot be deleted yet: the resources of the former blue environment are not ready.`);
  }
  if (deletesTarget && green?.deletionProtection) {
    throw invalidParameterCombination(`Cannot delete protected Cluster ${green.identifier}, please disable deletion protection and try again.`);
  }
  if (deletesTarget && green) {
    caller.require('DeleteDBCluster', [account.memberArn(green)]);
    caller.require('DeleteDBInstance', green.instances.map((instance) => account.memberArn(instance)));
    caller.require('DeleteDBClusterEndpoint', [account.arn('cluster-endpoint', '*')]);
  }
  const wasSwitchedOver = status === 'SWITCHOVER_COMPLETED';
  deployment.status = 'DELETING';
  deployment.deleteTime = account.clock.now();
  deployment.cancellation.abort(new Error('the deployment is deleted'));
  void account.inBackground(() => deleteDeployment(account, deployment, { deletesTarget, wasSwitchedOver }));
  return { BlueGreenDeployment: deploymentView(account, deployment) };
}

function deploymentWith(account: Account, identifier: string): Deployment {
  const found = account.deployments.find((deployment) => deployment.identifier === identifier);
  if (!found) throw fault(BlueGreenDeploymentNotFoundFault$, `BlueGreenDeployment ${identifier} not found.`);
  return found;
}

const invalidState = (deployment: Deployment, expected: string) =>
  fault(InvalidBlueGreenDeploymentStateFault$, `BlueGreenDeployment ${deployment.identifier} is in ${deployment.status} state; it should be ${expected}.`);
