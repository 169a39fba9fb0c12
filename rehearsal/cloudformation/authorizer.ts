import { isAllowed } from './policy';
import { type Stack } from './template';

/** The tags that a resource has at this moment, by its ARN. */
export type TagsOf = (resource: string) => Readonly<Record<string, string>>;

/** Decides whether the owner of an access key may do an action on all of the resources (ARNs, or `*`). */
export type Authorize = (accessKeyId: string, action: string, resources: readonly string[], tagsOf?: TagsOf) => boolean;

/**
 * Lets each function of a stack do what its role allows, and nobody else anything: what a rehearsal's services ask, so that a
 * role that does not suffice fails a rehearsal and not a deployment.
 *
 * @throws Error where a role belongs to another stack, or its policies use what the evaluator does not know.
 */
export function authorizerOf(stack: Stack): Authorize {
  const statements = new Map(stack.functions.map((fn) => [fn.accessKeyId, stack.roleOf(fn.name).statements]));
  return (accessKeyId, action, resources, tagsOf = () => ({})) => {
    const allowed = statements.get(accessKeyId) ?? [];
    return resources.every((resource) => {
      const tags = Object.entries(tagsOf(resource)).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
      return isAllowed(allowed, action, resource, Object.fromEntries(tags) as Readonly<Record<string, string>>);
    });
  };
}
