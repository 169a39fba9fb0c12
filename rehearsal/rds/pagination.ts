import { type Filter } from '@aws-sdk/client-rds';
import { invalidParameterValue } from './service-error';

/**
 * One page of a list. `MaxRecords` is 20 to 100, the default 100.
 *
 * @throws InvalidParameterValue for a page size out of range or a marker that is not ours.
 */
export function page<T>(items: readonly T[], request: { MaxRecords?: number; Marker?: string }): { items: T[]; marker?: string } {
  const size = request.MaxRecords ?? 100;
  if (size < 20 || size > 100) throw invalidParameterValue(`Invalid value ${size} for MaxRecords. Must be between 20 and 100`);
  const start = request.Marker === undefined || request.Marker === '' ? 0 : readMarker(request.Marker);
  const end = start + size;
  return { items: items.slice(start, end), marker: end < items.length ? writeMarker(end) : undefined };
}

/**
 * Keeps the items that pass all filters; within a filter one value is enough.
 *
 * @throws InvalidParameterValue for a filter that the operation does not know or that has no value.
 */
export function filtered<T>(items: readonly T[], filters: readonly Filter[] | undefined, keys: Record<string, (item: T) => (string | undefined)[]>): T[] {
  return (filters ?? []).reduce<T[]>((left, filter) => {
    const key = keys[filter.Name ?? ''];
    if (!key) throw invalidParameterValue(`Unrecognized filter name: ${String(filter.Name)}`);
    const values = filter.Values ?? [];
    if (values.length === 0) throw invalidParameterValue(`The filter ${String(filter.Name)} should have at least one value.`);
    return left.filter((item) => key(item).some((value) => value !== undefined && values.includes(value)));
  }, [...items]);
}

// base64, so that nobody takes a marker for a number.
const writeMarker = (index: number) => Buffer.from(`from:${index}`).toString('base64');

function readMarker(marker: string): number {
  const index = /^from:(\d+)$/.exec(Buffer.from(marker, 'base64').toString())?.[1];
  if (index === undefined) throw invalidParameterValue(`Invalid marker: ${marker}`);
  return Number(index);
}
