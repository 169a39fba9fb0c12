import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Authorize, callerOf, type TagsOf } from './authorization';
import { type Faults } from './fault-injection';
import { type Operation } from './operation';
import { actionOf, readForm, readInput, writeError, writeOutput } from './protocol';
import { ServiceError } from './service-error';

/** Serves the operations over HTTP on 127.0.0.1. */
export class QueryServer {
  /** Starts to listen on a free port. */
  public static async listen(operations: readonly Operation[], faults: Faults, authorize: Authorize, tagsOf: TagsOf): Promise<QueryServer> {
    const server = new QueryServer(operations, faults, authorize, tagsOf);
    await new Promise<void>((resolve, reject) => server.http.once('error', reject).listen(0, '127.0.0.1', resolve));
    return server;
  }

  private readonly http: Server = createServer((request, response) => void this.serve(request, response));
  private readonly operations: Map<string, Operation>;

  private constructor(
    operations: readonly Operation[], private readonly faults: Faults, private readonly authorize: Authorize, private readonly tagsOf: TagsOf,
  ) {
    this.operations = new Map(operations.map((operation) => [actionOf(operation.schema), operation]));
  }

  /** The URL for `AWS_ENDPOINT_URL_RDS`. */
  public get endpoint(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Ends all connections. */
  public async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.http.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const answer = (status: number, body: string) => response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }).end(body);
    try {
      const { action, members } = readForm(await text(request));
      const operation = this.operations.get(action);
      if (!operation) throw new ServiceError('InvalidAction', 400, `This control plane does not offer the action ${action}.`);
      const caller = callerOf(request.headers.authorization, this.authorize, this.tagsOf);
      const planned = this.faults.takeError(action);
      if (planned) throw planned;
      const input = readInput(operation.schema, members);
      caller.require(action, operation.resources(input));
      const losesAnswer = this.faults.takeLostAnswer(action);
      const output = writeOutput(operation.schema, await operation.run(input, caller), requestId);
      if (losesAnswer) request.socket.destroy();
      else answer(200, output);
    } catch (error) {
      // anything but a ServiceError is a mistake of ours; 501 because the SDK would retry a 500 and hide it.
      const serviceError = error instanceof ServiceError ? error : new ServiceError('NotImplemented', 501, error instanceof Error ? error.stack ?? error.message : String(error));
      answer(serviceError.status, writeError(serviceError, requestId));
    }
  }
}
