import { type BlueGreenDeploymentNotFoundFault$ } from '@aws-sdk/client-rds';
import { NormalizedSchema } from '@smithy/core/schema';

type ErrorSchema = typeof BlueGreenDeploymentNotFoundFault$;

/** An error that RDS answers with: the code on the wire, the HTTP status, and a text for people. */
export class ServiceError extends Error {
  constructor(public readonly code: string, public readonly status: number, message: string) {
    super(message);
  }
}

/** A modelled error of the RDS API (`DBClusterNotFoundFault$`, ...), with its code on the wire and its HTTP status from the schema's traits. */
export function fault(schema: ErrorSchema, message: string): ServiceError {
  const error = NormalizedSchema.of(schema);
  const traits = error.getMergedTraits();
  // some errors have another code on the wire than their class: DBClusterParameterGroupNotFoundFault is sent without 'Fault'.
  const [code, status]: unknown[] = Array.isArray(traits.awsQueryError) ? traits.awsQueryError : [error.getName(false), traits.httpError];
  if (typeof code !== 'string' || typeof status !== 'number') throw new Error(`error schema without code or status: ${String(error.getName(true))}`);
  return new ServiceError(code, status, message);
}

/** A value that RDS does not accept; HTTP 400. */
export const invalidParameterValue = (message: string) => new ServiceError('InvalidParameterValue', 400, message);

/** Values that are right by themselves and wrong together or at this moment; HTTP 400. */
export const invalidParameterCombination = (message: string) => new ServiceError('InvalidParameterCombination', 400, message);

/** Returns a member that a request must have; throws MissingParameter (HTTP 400) when it does not. */
export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined) throw new ServiceError('MissingParameter', 400, `The request must contain the parameter ${member}.`);
  return value;
}
