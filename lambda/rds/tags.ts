import { AddTagsToResourceCommand } from '@aws-sdk/client-rds';
import { send, tagList } from './client';
import { unlessBusy } from './refusals';

/** What carries tags. */
interface Tagged {
  readonly TagList?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** The value of a tag; undefined where there is none. */
export function tagIn({ TagList }: Tagged, key: string): string | undefined {
  return TagList?.find((tag) => tag.Key === key)?.Value;
}

/**
 * Adds tags to a resource, or changes them.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<string | undefined> {
  return unlessBusy(() => send((rds) => rds.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: tagList(tags) }))));
}
