import { DescribeEventsCommand, type SourceType } from '@aws-sdk/client-rds';
import { type Situation } from '../shared/state';
import { everyPage, send } from './client';

/** The sources in which RDS has been seen to report a switchover; the documentation names none for certain. */
const SOURCES: readonly SourceType[] = ['blue-green-deployment', 'db-cluster', 'db-instance'];

const COORDINATES = /Binary log coordinates in green environment after switchover: file (\S+) and position (\d+)/;

/** One event. */
export interface RdsEvent {
  readonly at: string;
  readonly source: string;
  readonly categories: readonly string[];
  readonly message: string;
}

/** Whether an event says that something has failed or was cancelled. */
export function isFailure({ categories, message }: RdsEvent): boolean {
  return categories.includes('failure') || /\bcancel+ed\b/i.test(message);
}

/** All events of a time from sources of ours; events are best effort and may be some minutes late. */
export async function eventsBetween(start: Date, end: Date, isOurs: (sourceIdentifier: string) => boolean): Promise<RdsEvent[]> {
  const all: RdsEvent[] = [];
  // without an end, RDS reads one hour from the start.
  for (const sourceType of SOURCES) {
    const events = await everyPage(
      (marker) => send((rds) => rds.send(new DescribeEventsCommand({ SourceType: sourceType, StartTime: start, EndTime: end, Marker: marker }))),
      (page) => page.Events,
    );
    for (const event of events) {
      if (!isOurs(event.SourceIdentifier ?? '')) continue;
      all.push({
        at: event.Date?.toISOString() ?? '',
        source: event.SourceIdentifier ?? '',
        categories: event.EventCategories ?? [],
        message: event.Message ?? '',
      });
    }
  }
  return all.sort((one, other) => one.at.localeCompare(other.at));
}

/**
 * Whether an event's source belongs to a deployment: the deployment itself by either of its names, its clusters and instances by their present names, or by
 * the names they had as Green. RDS does not say under which of them it reports a switchover.
 */
export function belongsTo({ deployment, source, target }: Situation): (sourceIdentifier: string) => boolean {
  const names = [source, target].flatMap((cluster) => (cluster === null ? [] : [cluster.identifier, ...cluster.instances.map(({ identifier }) => identifier)]));
  return (identifier) => identifier === deployment?.identifier || identifier === deployment?.name || names.some((name) => identifier === name || identifier.startsWith(`${name}-green-`));
}

/**
 * Where Green's binlog stood when it became production; the starting point of any replication back.
 * The decoy "Binlog position from crash recovery" is another position and never matches.
 */
export function coordinatesIn(events: readonly RdsEvent[]): { file: string; position: number } | undefined {
  for (const { message } of events) {
    const [, file, position] = COORDINATES.exec(message) ?? [];
    if (file !== undefined && position !== undefined) return { file, position: Number(position) };
  }
  return undefined;
}
