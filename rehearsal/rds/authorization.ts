import { type Caller } from './operation';
import { ServiceError } from './service-error';

/** Decides whether a principal may do an action (`rds:CreateBlueGreenDeployment`) on all of the resources (ARNs, or `*`). */
export type Authorize = (principal: string, action: string, resources: string[]) => boolean;

/**
 * The caller of a request. The principal is the access key id of the SigV4 header; the signature itself is not verified.
 *
 * @throws MissingAuthenticationToken when the request is not signed.
 */
export function callerOf(authorization: string | undefined, authorize: Authorize): Caller {
  const principal = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/[^/]+\/rds\/aws4_request/.exec(authorization ?? '')?.[1];
  if (principal === undefined) throw new ServiceError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
  return {
    require(action, resources) {
      if (authorize(principal, `rds:${action}`, resources)) return;
      const on = resources.join(', ');
      throw new ServiceError('AccessDenied', 403, `User: ${principal} is not authorized to perform: rds:${action} on resource: ${on} because no identity-based policy allows the rds:${action} action`);
    },
  };
}
