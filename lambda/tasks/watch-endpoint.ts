import { Phase } from '../../lib/private/contract';
import { readSettings } from '../shared/settings';
import { type EndpointWatch } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { watchEndpoint } from '../switchover/endpoint-watch';

/** The one task that stays awake: it measures what a client of the production endpoint sees while RDS switches over. */
export const handler = task<EndpointWatch>(async (event) => watchEndpoint(required(situationOf(event).source, 'Blue'), {
  now: event.now,
  previous: event.state.watch ?? null,
  timeoutSeconds: event.state.options.switchoverTimeoutSeconds,
  watchSeconds: readSettings().watchSeconds,
  isOff: event.state.present?.phase === Phase.AVAILABLE,
}));
