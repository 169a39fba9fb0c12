import { AddTagsToResourceCommand } from '@aws-sdk/client-rds';
import { send, tagList } from './client';

/** What carries tags. */
interface Tagged {
  readonly TagList?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** The value of a tag; undefined where there is none. */
export function tagIn({ TagList }: Tagged, key: string): string | undefined {
  return TagList?.find((tag) => tag.Key === key)?.Value;
}

/** Adds tags to a resource, or changes them. */
export async function addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<void> {
  await send((rds) => rds.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: tagList(tags) })));
}
