import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TaskError } from './errors';
import { type Execution } from './execution';

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** The members of each operation, all of them texts. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  'AWSStepFunctions.SendTaskSuccess': ['taskToken', 'output'],
  'AWSStepFunctions.SendTaskFailure': ['taskToken', 'error', 'cause'],
};

/** The part of Step Functions that answers task tokens, on loopback; the unmodified `@aws-sdk/client-sfn` talks to it. */
export class TokenServer {
  /** Starts on a free port of 127.0.0.1. */
  public static async start(executions: () => readonly Execution[]): Promise<TokenServer> {
    const server = new TokenServer(executions);
    await new Promise<void>((resolve, reject) => {
      server.http.once('error', reject);
      server.http.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  private readonly http = http.createServer((request, response) => void this.serve(request, response));

  private constructor(private readonly executions: () => readonly Execution[]) {}

  /** The URL to give to the SDK (`AWS_ENDPOINT_URL_SFN`). */
  public get endpoint(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Ends the server and every connection to it. */
  public async close(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    this.http.closeAllConnections();
    await closed;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let [status, answer]: [number, unknown] = [200, {}];
    try {
      this.answer(String(request.headers['x-amz-target']), JSON.parse(await text(request)) as Record<string, unknown>, request.headers.authorization);
    } catch (thrown) {
      const error = thrown instanceof TaskError ? thrown : new TaskError('InternalServerException', String(thrown));
      [status, answer] = [error.error === 'InternalServerException' ? 500 : 400, { __type: `com.amazonaws.swf.service.v2.model#${error.error}`, message: error.cause }];
    }
    response.writeHead(status, { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': randomUUID() });
    response.end(JSON.stringify(answer));
  }

  private answer(target: string, input: Readonly<Record<string, unknown>>, authorization: string | undefined): void {
    if (!/^AWS4-HMAC-SHA256 Credential=[^/,]+\/\d{8}\/[^/]+\/states\/aws4_request/.test(authorization ?? '')) {
      throw new TaskError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
    }
    const members = OPERATIONS[target];
    if (members === undefined) throw new TaskError('UnknownOperationException', `the rehearsal does not know ${target}`);
    const unknown = Object.entries(input).filter(([name, value]) => !members.includes(name) || typeof value !== 'string').map(([name]) => name);
    if (unknown.length > 0) throw new TaskError('SerializationException', `${target} has no text '${unknown.join(`', '`)}'`);
    const { taskToken = '', output = '', error = '', cause = '' } = input as Record<string, string>;
    if (target.endsWith('SendTaskSuccess')) this.tell(taskToken, (execution) => execution.sendTaskSuccess(taskToken, parsed(output)));
    else this.tell(taskToken, (execution) => execution.sendTaskFailure(taskToken, error, cause));
  }

  /** Only one execution knows the token. */
  private tell(token: string, answer: (execution: Execution) => void): void {
    for (const execution of this.executions()) {
      try {
        return answer(execution);
      } catch (thrown) {
        if (!(thrown instanceof TaskError) || thrown.error !== 'TaskDoesNotExist') throw thrown;
      }
    }
    throw new TaskError('InvalidToken', `Invalid Token: '${token.slice(0, 10)}...'`);
  }
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw new TaskError('InvalidOutput', 'Invalid Output: \'SendTaskSuccess\' needs JSON');
  }
}
