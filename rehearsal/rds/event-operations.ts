import { DescribeEvents$, type DescribeEventsMessage, type Event, type EventsMessage } from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { invalidParameterCombination, invalidParameterValue } from './service-error';

const MINUTE = 60_000;
const KEPT_MINUTES = 14 * 24 * 60;

/** DescribeEvents. */
export function eventOperations(account: Account): Operation[] {
  return [operation(DescribeEvents$, () => ['*'], (input: DescribeEventsMessage) => describeEvents(account, input))];
}

function describeEvents(account: Account, input: DescribeEventsMessage): EventsMessage {
  if (input.SourceIdentifier !== undefined && input.SourceType === undefined) {
    throw invalidParameterCombination('SourceType is required when SourceIdentifier is given.');
  }
  filtered([], input.Filters, {});
  const { from, to } = windowOf(account, input);
  const wanted = account.events.filter((event) => {
    const time = event.date.getTime();
    return time >= from && time <= to
      && (input.SourceType === undefined || event.sourceType === input.SourceType)
      && (input.SourceIdentifier === undefined || event.sourceIdentifier === input.SourceIdentifier)
      && (!input.EventCategories?.length || event.categories.some((category) => input.EventCategories?.includes(category)));
  });
  const { items, marker } = page(wanted, input);
  return {
    Marker: marker,
    Events: items.map((event): Event => ({
      SourceIdentifier: event.sourceIdentifier,
      SourceType: event.sourceType,
      Message: event.message,
      EventCategories: [...event.categories],
      Date: event.date,
      SourceArn: event.sourceArn,
    })),
  };
}

/** The window in milliseconds. Of start, end and duration any two decide; without a start it is the last hour. */
function windowOf(account: Account, input: DescribeEventsMessage): { from: number; to: number } {
  const now = account.clock.now().getTime();
  const minutes = input.Duration ?? 60;
  if (minutes < 1 || minutes > KEPT_MINUTES) throw invalidParameterValue(`Duration should be 1 to ${KEPT_MINUTES} minutes, got ${minutes}.`);
  const start = input.StartTime?.getTime();
  // the documents do not say how far a start without an end reaches; the narrow reading is the one that cannot flatter a client.
  const to = input.EndTime?.getTime() ?? (start === undefined ? now : start + minutes * MINUTE);
  const from = start ?? to - minutes * MINUTE;
  if (from > to) throw invalidParameterCombination('StartTime should be before EndTime.');
  return { from: Math.max(from, now - KEPT_MINUTES * MINUTE), to };
}
