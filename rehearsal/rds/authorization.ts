import { type Caller } from './operation';
import { ServiceError } from './service-error';

/** The tags that a resource has at this moment, by its ARN. */
export type TagsOf = (arn: string) => Readonly<Record<string, string>>;

/** Decides whether a principal may do an action (`rds:CreateBlueGreenDeployment`) on all of the resources (ARNs, or `*`). */
export type Authorize = (principal: string, action: string, resources: string[], tagsOf: TagsOf) => boolean;

/**
 * The caller of a request. The principal is the access key id of the SigV4 header; the signature itself is not verified.
 *
 * @throws MissingAuthenticationToken when the request is not signed.
 */
export function callerOf(authorization: string | undefined, authorize: Authorize, tagsOf: TagsOf): Caller {
  const principal = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/[^/]+\/rds\/aws4_request/.exec(authorization ?? '')?.[1];
  if (principal === undefined) throw new ServiceError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
  return {
    require(action, resources) {
      if (authorize(principal, `rds:${action}`, resources, tagsOf)) return;
      const on = resources.join(', ');
      throw new ServiceError('AccessDenied', 403, `User: ${principal} is not authorized to perform: rds:${action} on resource: ${on} because no identity-based policy allows the rds:${action} action`);
    },
  };
}
