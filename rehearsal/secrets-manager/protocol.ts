import { GetSecretValueRequest$, GetSecretValueResponse$ } from '@aws-sdk/client-secrets-manager';
import { NormalizedSchema } from '@smithy/core/schema';

/*
 * AWS JSON 1.1, from the server's side: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 * Members and their types come from the schemas the SDK itself reads and writes with, so that a wrong one cannot be dropped in silence.
 */

/** The one operation the rehearsal offers, as the header `X-Amz-Target` names it. */
export const target = 'secretsmanager.GetSecretValue';

/** An error as Secrets Manager reports it: its code, its message, HTTP status 400. */
export class ServiceError extends Error {
  constructor(public readonly code: string, message: string) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** What GetSecretValue is asked for. */
export interface GetSecretValueInput {
  readonly SecretId: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

/** What GetSecretValue answers, of a secret that is a text. */
export interface GetSecretValueOutput {
  readonly ARN: string;
  readonly Name: string;
  readonly VersionId: string;
  readonly SecretString: string;
  readonly VersionStages: readonly string[];
  readonly CreatedDate: Date;
}

/**
 * Reads the body of a request.
 *
 * @throws ServiceError SerializationException where it is no JSON, has an unknown member, or a member of the wrong type;
 * ValidationException where SecretId is missing.
 */
export function readInput(body: string): GetSecretValueInput {
  let input: unknown;
  try {
    input = JSON.parse(body);
    write(NormalizedSchema.of(GetSecretValueRequest$), input, 'GetSecretValueRequest');
  } catch (error) {
    throw new ServiceError('SerializationException', error instanceof Error ? error.message : String(error));
  }
  const { SecretId } = input as Partial<GetSecretValueInput>;
  if (!SecretId) throw new ServiceError('ValidationException', 'You must provide a value for the SecretId parameter.');
  return input as GetSecretValueInput;
}

/** Writes an answer. Throws Error where it has a member or a type the schema does not know: a mistake of ours. */
export function writeOutput(output: GetSecretValueOutput): string {
  return JSON.stringify(write(NormalizedSchema.of(GetSecretValueResponse$), output, 'GetSecretValueResponse'));
}

/** Writes an error. */
export function writeError(error: ServiceError): string {
  return JSON.stringify({ __type: error.code, Message: error.message });
}

function write(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (schema.isStructSchema()) return writeStructure(schema, value, path);
  if (schema.isListSchema() && Array.isArray(value)) return value.map((item, i) => write(schema.getValueSchema(), item, `${path}[${i}]`));
  if (schema.isStringSchema() && typeof value === 'string') return value;
  // a timestamp without a format of its own is a number of seconds.
  if (schema.isTimestampSchema() && value instanceof Date) return value.getTime() / 1000;
  throw new Error(`'${path}' has a value the schema does not allow: ${JSON.stringify(value)}`);
}

function writeStructure(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`'${path}' should be an object`);
  const members = new Map(schema.structIterator());
  return Object.fromEntries(Object.entries(value).map(([name, item]) => {
    const member = members.get(name);
    if (!member) throw new Error(`'${path}' has the member '${name}', which the schema does not know`);
    return [name, write(member, item, `${path}.${name}`)];
  }));
}
