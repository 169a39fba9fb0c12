import { readSettings } from './settings';
import { type Evidence, type TaskEvent } from './state';
import { secondsBetween } from './waiting';

/** Whether just this evidence was approved, and not too long ago. */
export function isApproved({ state: { approval }, now }: TaskEvent, hash: string): boolean {
  const validity = readSettings().approvalSeconds ?? 0;
  return approval !== null && approval.evidence === hash && secondsBetween(approval.at, now) <= validity;
}

/** A request with the commands that answer it, cut where they need the task token. */
export function answers(text: string, { execution }: TaskEvent): Evidence['text'] {
  const region = execution.id.split(':')[3] ?? '';
  return [
    `${text}\n    npx cdk-rds-blue-green approve --region ${region} --token `,
    `\n    npx cdk-rds-blue-green reject --region ${region} --reason "..." --token `,
    `\n\nor with the AWS CLI:\n\n    aws stepfunctions send-task-success --region ${region} --task-output '{"approved":true}' --task-token `,
    `\n    aws stepfunctions send-task-failure --region ${region} --error ApprovalRejected --cause "..." --task-token `,
  ];
}

/** The execution in the console of its partition. */
export function consoleLink(arn: string): string {
  const [, partition = '', , region = ''] = arn.split(':');
  const hosts: Readonly<Record<string, string>> = { 'aws-cn': 'console.amazonaws.cn', 'aws-us-gov': 'console.amazonaws-us-gov.com' };
  return `https://${region}.${hosts[partition] ?? 'console.aws.amazon.com'}/states/home?region=${region}#/v2/executions/details/${arn}`;
}
