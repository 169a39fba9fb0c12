import {
  AddTagsToResourceCommand,
  type BlueGreenDeployment,
  CreateBlueGreenDeploymentCommand,
  DescribeBlueGreenDeploymentsCommand,
  SwitchoverBlueGreenDeploymentCommand,
} from '@aws-sdk/client-rds';
import { everyPage, send, tagList } from './client';

/** The deployments a filter of DescribeBlueGreenDeployments finds. */
export async function findDeployments(filter: 'blue-green-deployment-name' | 'source' | 'target', value: string): Promise<BlueGreenDeployment[]> {
  return everyPage(
    (marker) => send((rds) => rds.send(new DescribeBlueGreenDeploymentsCommand({ Filters: [{ Name: filter, Values: [value] }], Marker: marker }))),
    (page) => page.BlueGreenDeployments,
  );
}

/** The deployment of that name: names are unique in an account and Region. */
export async function findDeployment(name: string): Promise<BlueGreenDeployment | undefined> {
  return (await findDeployments('blue-green-deployment-name', name))[0];
}

/** What CreateBlueGreenDeployment needs. */
export interface NewDeployment {
  readonly name: string;
  readonly sourceArn: string;
  readonly targetEngineVersion?: string;
  readonly targetClusterParameterGroup?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Asks RDS to create Green. */
export async function createDeployment(deployment: NewDeployment): Promise<BlueGreenDeployment> {
  const { BlueGreenDeployment: created } = await send((rds) => rds.send(new CreateBlueGreenDeploymentCommand({
    BlueGreenDeploymentName: deployment.name,
    Source: deployment.sourceArn,
    TargetEngineVersion: deployment.targetEngineVersion,
    TargetDBClusterParameterGroupName: deployment.targetClusterParameterGroup,
    Tags: tagList(deployment.tags),
  })));
  if (created === undefined) throw new Error('CreateBlueGreenDeployment answered without a deployment');
  return created;
}

/** Asks RDS to switch over. */
export async function switchOver(identifier: string, timeoutSeconds: number): Promise<void> {
  await send((rds) => rds.send(new SwitchoverBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier, SwitchoverTimeout: timeoutSeconds })));
}

/** Adds tags to the deployment (not to its clusters: Green's tags are replaced by Blue's at the switchover). */
export async function tagDeployment(identifier: string, neighbourArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
  await send((rds) => rds.send(new AddTagsToResourceCommand({ ResourceName: deploymentArn(identifier, neighbourArn), Tags: tagList(tags) })));
}

/** The value of a tag of the deployment. */
export function tagOf(deployment: BlueGreenDeployment, key: string): string | undefined {
  return deployment.TagList?.find((tag) => tag.Key === key)?.Value;
}

/**
 * RDS never returns a deployment's ARN; its form is `arn:aws:rds:<region>:<account>:deployment:<identifier>`
 * (Service Authorization Reference, resource types of Amazon RDS). Partition, Region and account are those of its clusters.
 */
function deploymentArn(identifier: string, neighbourArn: string): string {
  return [...neighbourArn.split(':').slice(0, 5), 'deployment', identifier].join(':');
}
