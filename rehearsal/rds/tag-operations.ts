import {
  AddTagsToResource$, type AddTagsToResourceMessage, BlueGreenDeploymentNotFoundFault$, DBClusterSnapshotNotFoundFault$,
  ListTagsForResource$, type ListTagsForResourceMessage, RemoveTagsFromResource$, type RemoveTagsFromResourceMessage, type Tag, type TagListMessage,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Operation, operation } from './operation';
import { fault, invalidParameterValue, required } from './service-error';

/** Operations on tags. */
export function tagOperations(account: Account): Operation[] {
  const resource = (input: { ResourceName?: string }) => [input.ResourceName ?? '*'];
  return [
    operation(ListTagsForResource$, (input: Partial<ListTagsForResourceMessage>) => resource(input),
      (input): TagListMessage => ({ TagList: tagsOf(account, input.ResourceName) })),
    operation(AddTagsToResource$, (input: Partial<AddTagsToResourceMessage>) => resource(input), (input) => {
      const tags = tagsOf(account, input.ResourceName);
      for (const tag of checkedTags(required(input.Tags, 'Tags'))) {
        removeKeys(tags, [String(tag.Key)]);
        tags.push(tag);
      }
      return {};
    }),
    operation(RemoveTagsFromResource$, (input: Partial<RemoveTagsFromResourceMessage>) => resource(input), (input) => {
      removeKeys(tagsOf(account, input.ResourceName), required(input.TagKeys, 'TagKeys'));
      return {};
    }),
  ];
}

/**
 * Tags as a request gives them.
 *
 * @throws InvalidParameterValue for a tag without a key, a key that AWS keeps for itself, or the same key twice.
 */
export function checkedTags(tags: readonly Tag[]): Tag[] {
  const keys = tags.map((tag) => tag.Key ?? '');
  if (keys.some((key) => key === '' || key.length > 128 || key.startsWith('aws:') || key.startsWith('rds:'))) {
    throw invalidParameterValue(`A tag's key should have 1 to 128 characters and not begin with aws: or rds:, got ${JSON.stringify(keys)}.`);
  }
  if (tags.some((tag) => (tag.Value ?? '').length > 256)) throw invalidParameterValue('A tag\'s value should have at most 256 characters.');
  if (new Set(keys).size < keys.length) throw invalidParameterValue(`Each tag key may be given once, got ${JSON.stringify(keys)}.`);
  return tags.map((tag) => ({ Key: tag.Key, Value: tag.Value ?? '' }));
}

/** The list of tags itself, so that callers can change it. */
function tagsOf(account: Account, resourceName: string | undefined): Tag[] {
  const arn = required(resourceName, 'ResourceName');
  const [type, name = ''] = arn.split(':').slice(5);
  switch (type) {
    case 'cluster': return account.cluster(arn).tags;
    case 'db': return account.instance(arn).tags;
    case 'cluster-pg': return account.parameterGroup(name).tags;
    case 'cluster-snapshot': {
      const snapshot = account.snapshots.find(({ identifier }) => identifier === name);
      if (!snapshot) throw fault(DBClusterSnapshotNotFoundFault$, `DBClusterSnapshot ${name} not found.`);
      return snapshot.tags;
    }
    case 'deployment': {
      const deployment = account.deployments.find((candidate) => candidate.identifier === name);
      if (!deployment) throw fault(BlueGreenDeploymentNotFoundFault$, `BlueGreenDeployment ${name} not found.`);
      return deployment.tags;
    }
    default: throw invalidParameterValue(`Invalid resource name: ${arn}`);
  }
}

function removeKeys(tags: Tag[], keys: readonly string[]): void {
  tags.splice(0, tags.length, ...tags.filter((tag) => !keys.includes(tag.Key ?? '')));
}
