import { DeploymentTag, ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { planHash } from '../migration/plan';
import { planInWords } from '../migration/plan-in-words';
import { nameOf } from '../rds/client';
import { copiedGroupName, makeGroupForGreen } from '../rds/copied-group';
import { createDeployment, findDeployment, tagOf } from '../rds/deployments';
import { messageOf, PipelineError } from '../shared/errors';
import { log } from '../shared/log';
import { readSettings } from '../shared/settings';
import { type ClusterFacts } from '../shared/state';
import { required, situationOf, task } from '../shared/task';

/** What *Create Green* returns. */
export interface CreatedGreen {
  /** Identifier of the deployment (`bgd-…`). */
  readonly identifier: string;
  /** The cluster parameter group Green gets. */
  readonly parameterGroup: string;
}

/**
 * Makes Green's parameter group where none is given, and asks RDS to create Green. A request whose answer was lost is found again by the
 * deployment's name, which is unique.
 */
export const handler = task<CreatedGreen>(async (event) => {
  const settings = readSettings();
  const source = required(situationOf(event).source, 'Blue');
  const blue = required(event.state.preflight?.mysql.blue, 'what preflight learned of Blue');
  try {
    const parameterGroup = settings.targetClusterParameterGroup ?? await madeFrom(source, settings);
    const created = await createDeployment({
      name: settings.deploymentName,
      sourceArn: source.arn,
      targetEngineVersion: settings.targetEngineVersion === source.engineVersion ? undefined : settings.targetEngineVersion,
      targetClusterParameterGroup: parameterGroup,
      tags: {
        [DeploymentTag.PIPELINE]: settings.pipeline,
        [DeploymentTag.PLAN]: planHash(settings),
        [DeploymentTag.PLAN_IN_WORDS]: planInWords(settings),
        [DeploymentTag.SOURCE_RESOURCE_ID]: source.resourceId,
        [DeploymentTag.BINLOG_RETENTION]: blue.binlogRetentionHours === null ? 'NULL' : String(blue.binlogRetentionHours),
        [DeploymentTag.EVENT_SCHEDULER]: blue.eventScheduler,
      },
    });
    return { identifier: created.BlueGreenDeploymentIdentifier ?? '', parameterGroup };
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    if (nameOf(thrown) !== 'BlueGreenDeploymentAlreadyExists') throw refused(thrown);
    return adopt(settings, source);
  }
});

async function madeFrom(source: ClusterFacts, settings: PipelineSettings): Promise<string> {
  const { name, dropped } = await makeGroupForGreen(settings, source);
  if (dropped.length > 0) log.warn('parameters of Blue that Green cannot have', { group: name, dropped });
  return name;
}

async function adopt(settings: PipelineSettings, { arn: sourceArn, ...source }: ClusterFacts): Promise<CreatedGreen> {
  const { deploymentName: name, pipeline } = settings;
  const present = await findDeployment(name);
  if (present !== undefined && present.Source === sourceArn && tagOf(present, DeploymentTag.PIPELINE) === pipeline) {
    return { identifier: present.BlueGreenDeploymentIdentifier ?? '', parameterGroup: settings.targetClusterParameterGroup ?? copiedGroupName(settings, source) };
  }
  throw new PipelineError(
    ErrorName.FOREIGN_DEPLOYMENT,
    `a Blue/Green deployment named '${name}' exists already, and this pipeline did not make it for ${sourceArn}: set another deploymentName, or delete that one`,
  );
}

/** Many preconditions come back as a generic code with a sentence; the sentence is what helps, so it is passed on to the letter. */
function refused(thrown: unknown): PipelineError {
  return new PipelineError(
    ErrorName.CREATE_REFUSED,
    `RDS refused to create Green (${nameOf(thrown)}): ${messageOf(thrown)}. Green was not created and Blue is untouched: mend what RDS names (quotas can be raised in Service Quotas), then redrive this execution or start a new one with {}`,
    { cause: thrown },
  );
}
