import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type GetSecretValueInput, type GetSecretValueOutput, readInput, ServiceError, target, writeError, writeOutput } from './protocol';

/** What the rehearsal's Secrets Manager needs. */
export interface SecretsManagerOptions {
  /** The values of the secrets, by name or by ARN. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Decides whether the owner of an access key may do an action on all of the resources; by default everybody may. */
  readonly authorize?: (accessKeyId: string, action: string, resources: string[]) => boolean;
  /** Account and Region of the ARNs that are made up for secrets given by name. */
  readonly account?: string;
  readonly region?: string;
}

// Secrets Manager ends every ARN in six characters of its own.
const suffixPattern = /-\w{6}$/;

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly versionId: string;
  readonly value: string;
  readonly createdDate: Date;
}

/**
 * The one part of Secrets Manager that a rehearsal needs, GetSecretValue, on loopback. The unmodified
 * `@aws-sdk/client-secrets-manager` talks to it through its endpoint setting. Requests must be signed; the signature is not verified.
 */
export class SecretsManager {
  /** Starts on a free port of 127.0.0.1. */
  public static async start(options: SecretsManagerOptions): Promise<SecretsManager> {
    const server = new SecretsManager(options);
    for (const [nameOrArn, value] of options.secrets) server.setSecret(nameOrArn, value);
    await new Promise<void>((resolve, reject) => {
      server.http.once('error', reject);
      server.http.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  private readonly http = http.createServer((request, response) => void this.serve(request, response));
  private readonly secrets = new Map<string, Secret>();

  private constructor(private readonly options: SecretsManagerOptions) {}

  /** The URL to give to the SDK (`AWS_ENDPOINT_URL_SECRETS_MANAGER`). */
  public get endpoint(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Adds a secret, or gives it a new version. An ARN may lack its six characters at the end. */
  public setSecret(nameOrArn: string, value: string): void {
    const prefix = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:/.exec(nameOrArn)?.[0];
    const name = prefix === undefined ? nameOrArn : nameOrArn.slice(prefix.length).replace(suffixPattern, '');
    const complete = prefix !== undefined && suffixPattern.test(nameOrArn) ? nameOrArn : undefined;
    const arn = complete ?? this.secrets.get(name)?.arn ?? this.arnOf(name, prefix);
    this.secrets.set(name, { name, arn, value, versionId: randomUUID(), createdDate: new Date() });
  }

  /** Ends the server and every connection to it. */
  public async close(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    this.http.closeAllConnections();
    await closed;
  }

  private arnOf(name: string, prefix = this.arnPrefix()): string {
    return `${prefix}${name}-${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
  }

  private arnPrefix(): string {
    const { account = '123456789012', region = 'us-east-1' } = this.options;
    return `arn:aws:secretsmanager:${region}:${account}:secret:`;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const [status, body] = await this.answer(request).catch((error: unknown): [number, string] => {
      const known = error instanceof ServiceError ? error : new ServiceError('InternalServiceError', String(error));
      return [known.code === 'InternalServiceError' ? 500 : 400, writeError(known)];
    });
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() });
    response.end(body);
  }

  private async answer(request: http.IncomingMessage): Promise<[number, string]> {
    const body = await text(request);
    const asked = request.headers['x-amz-target'];
    if (request.method !== 'POST' || request.url !== '/' || asked !== target) {
      throw new ServiceError('UnknownOperationException', `the rehearsal knows POST / with ${target} only, got ${request.method} ${request.url} with ${String(asked)}`);
    }
    if (request.headers['content-type'] !== 'application/x-amz-json-1.1') {
      throw new ServiceError('SerializationException', `the content type should be application/x-amz-json-1.1, got '${request.headers['content-type']}'`);
    }
    const caller = callerOf(request.headers.authorization);
    return [200, writeOutput(this.getSecretValue(readInput(body), caller))];
  }

  private getSecretValue({ SecretId, VersionId, VersionStage }: GetSecretValueInput, caller: string): GetSecretValueOutput {
    const secret = this.find(SecretId);
    // permission comes first: whoever has none does not learn whether the secret exists.
    this.authorize(caller, secret?.arn ?? (SecretId.startsWith('arn:') ? SecretId : this.arnOf(SecretId)));
    if (!secret) throw new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified secret.`);
    if (VersionId !== undefined && VersionId !== secret.versionId) throw noSuchVersion(`VersionId: ${VersionId}`);
    if (VersionStage !== undefined && VersionStage !== 'AWSCURRENT') throw noSuchVersion(`staging label: ${VersionStage}`);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: secret.versionId,
      SecretString: secret.value,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: secret.createdDate,
    };
  }

  // by name, by complete ARN, or by an ARN without its six characters at the end.
  private find(secretId: string): Secret | undefined {
    const secrets = [...this.secrets.values()];
    return this.secrets.get(secretId) ?? secrets.find(({ arn }) => arn === secretId || arn.replace(suffixPattern, '') === secretId);
  }

  private authorize(caller: string, resource: string): void {
    const action = 'secretsmanager:GetSecretValue';
    if (this.options.authorize?.(caller, action, [resource]) ?? true) return;
    const reason = `because no identity-based policy allows the ${action} action`;
    throw new ServiceError('AccessDeniedException', `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${reason}`);
  }
}

function callerOf(authorization: string | undefined): string {
  const caller = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/[^/]+\/secretsmanager\/aws4_request/.exec(authorization ?? '')?.[1];
  if (caller === undefined) throw new ServiceError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  return caller;
}

function noSuchVersion(version: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${version}`);
}
