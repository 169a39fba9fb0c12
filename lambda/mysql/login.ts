import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { ErrorName } from '../../lib/private/contract';
import { messageOf, PipelineError, property } from '../shared/errors';
import { readLogin, requireEnvironment } from '../shared/settings';

/** User name and password (or token) for one connection. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * A VPC without NAT and without an endpoint swallows packets silently; with default timeouts the task would end without a reason.
 */
const secrets = new SecretsManagerClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 3000, requestTimeout: 5000, throwOnRequestTimeout: true } });

/**
 * How to log in to a server.
 *
 * @throws `SecretUnreachable`, `SecretInvalid`. No message ever contains a password.
 */
export async function credentialsFor(server: { host: string; port: number }): Promise<Credentials> {
  const login = readLogin();
  if (login.kind === 'secret') return fromSecret(login.secretArn);
  const signer = new Signer({ hostname: server.host, port: server.port, username: login.user, region: requireEnvironment('AWS_REGION') });
  return { user: login.user, password: await signer.getAuthToken() };
}

async function fromSecret(secretArn: string): Promise<Credentials> {
  const text = await readSecret(secretArn);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // the parser's message quotes the text, which is the secret.
    throw invalid(secretArn, 'is not JSON');
  }
  const { username, password } = (typeof content === 'object' && content !== null ? content : {}) as { username?: unknown; password?: unknown };
  if (typeof username !== 'string' || username === '') throw invalid(secretArn, `has no 'username'`);
  if (typeof password !== 'string' || password === '') throw invalid(secretArn, `has no 'password'`);
  return { user: username, password };
}

async function readSecret(secretArn: string): Promise<string> {
  try {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (SecretString === undefined) throw invalid(secretArn, 'is binary');
    return SecretString;
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    const name = String(property(thrown, 'name'));
    if (isRefusal(thrown)) {
      throw new PipelineError(
        ErrorName.SECRET_INVALID,
        `secret '${secretArn}' cannot be read (${name}: ${messageOf(thrown)}): see that it exists, that its key allows the functions to decrypt it, and that it is the one given to DatabaseAccess`,
        { cause: thrown },
      );
    }
    throw new PipelineError(
      ErrorName.SECRET_UNREACHABLE,
      `Secrets Manager does not answer from the functions' subnets (${name}: ${messageOf(thrown)}): give the subnets a NAT gateway, or add an interface endpoint for secretsmanager `
      + 'to the VPC, or use IAM database authentication (DatabaseAccess.iam), which needs neither',
      { cause: thrown },
    );
  }
}

/** Secrets Manager has answered, and will say the same tomorrow: neither out of reach nor throttled. */
function isRefusal(thrown: unknown): boolean {
  const { $metadata: { httpStatusCode = 0 } = {}, name } = (thrown ?? {}) as { $metadata?: { httpStatusCode?: number }; name?: string };
  return httpStatusCode >= 400 && httpStatusCode < 500 && name !== 'ThrottlingException';
}

function invalid(secretArn: string, what: string): PipelineError {
  return new PipelineError(
    ErrorName.SECRET_INVALID,
    `secret '${secretArn}' ${what}: it should be a JSON object with 'username' and 'password', as RDS and the CDK generate it`,
  );
}
