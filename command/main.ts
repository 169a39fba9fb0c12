// npx cdk-rds-blue-green approve|reject: answers a request for approval.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { type ApprovalAnswer, ErrorName } from '../lib/private/contract';

const USAGE = `npx cdk-rds-blue-green approve --token TOKEN [--region REGION]
npx cdk-rds-blue-green reject  --token TOKEN --reason TEXT [--region REGION]

Answers a request for approval of a Blue/Green pipeline, with your AWS credentials (profile, SSO, environment).
You need states:SendTaskSuccess or states:SendTaskFailure on the state machine: pipeline.grants.approve(...).

  --token   the task token in the request; - reads it from standard input
  --region  where the pipeline is; by default that of your AWS configuration
  --reason  why not; it becomes the cause of the execution's end
`;

/** What those errors of Step Functions mean to somebody who answers. */
const MEANING: Readonly<Record<string, string>> = {
  TaskTimedOut: 'the request is over: it was answered already, its time was up, or the execution was stopped. A new execution with {} asks again',
  TaskDoesNotExist: 'no execution waits for this token: see that it is complete, and that --region is right',
  InvalidToken: 'no execution waits for this token: see that it is complete, and that --region is right',
  AccessDeniedException: 'you may not answer: you need what pipeline.grants.approve(...) grants',
};

async function main(): Promise<number> {
  const wanted = readArguments();
  if (wanted === undefined) return 2;
  const { answer, token, region, reason } = wanted;
  const client = new SFNClient(region === undefined ? {} : { region });
  const approval: ApprovalAnswer = { approved: true };
  try {
    if (answer === 'approve') await client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(approval) }));
    else await client.send(new SendTaskFailureCommand({ taskToken: token, error: ErrorName.APPROVAL_REJECTED, cause: reason }));
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    // the message of the service may quote the token.
    console.error(`not answered: ${MEANING[name] ?? `${name}: ${message.replaceAll(token, '(token)')}`}`);
    return 1;
  }
  console.log(answer === 'approve' ? 'approved: the execution goes on' : 'rejected: the execution ends with ApprovalRejected');
  return 0;
}

function readArguments(): { answer: 'approve' | 'reject'; token: string; region?: string; reason?: string } | undefined {
  try {
    const { positionals: [answer, ...others], values: { token: given, region, reason, help } } = parseArgs({
      allowPositionals: true,
      options: { token: { type: 'string' }, region: { type: 'string' }, reason: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const token = given === '-' ? readFileSync(0, 'utf8').trim() : given;
    if (help === true) console.log(USAGE);
    else if ((answer !== 'approve' && answer !== 'reject') || others.length > 0) console.error(`'approve' or 'reject' is needed, got '${[answer, ...others].join(' ')}'\n\n${USAGE}`);
    else if (token === undefined || token === '') console.error(`'--token' is needed: it is in the request\n\n${USAGE}`);
    else if (answer === 'reject' && !reason) console.error(`'--reason' is needed: somebody will want to know\n\n${USAGE}`);
    else return { answer, token, region, reason };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  return undefined;
}

void main().then((code) => { process.exitCode = code; });
