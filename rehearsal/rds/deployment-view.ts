import { type BlueGreenDeployment } from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Deployment } from './resources';

/** A deployment as the API shows it. ARNs follow the names, so they swap with a switchover. */
export function deploymentView(account: Account, deployment: Deployment): BlueGreenDeployment {
  return {
    BlueGreenDeploymentIdentifier: deployment.identifier,
    BlueGreenDeploymentName: deployment.name,
    Source: account.memberArn(deployment.blue),
    Target: deployment.green ? account.memberArn(deployment.green) : undefined,
    SwitchoverDetails: deployment.members.map((member) => ({
      SourceMember: account.memberArn(member.source),
      TargetMember: member.target ? account.memberArn(member.target) : undefined,
      Status: member.status,
    })),
    Tasks: deployment.tasks.map((task) => ({ Name: task.name, Status: task.status })),
    Status: deployment.status,
    StatusDetails: deployment.statusDetails,
    CreateTime: deployment.createTime,
    DeleteTime: deployment.deleteTime,
    TagList: deployment.tags,
  };
}
