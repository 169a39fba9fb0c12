import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** The production endpoint answers with the new server. */
export const endpointLeadsToGreen: Check<GreenContext> = {
  id: 'endpoint-leads-to-green',
  scopes: ['after-switchover'],
  async run({ blue, green, situation }) {
    const [old, present] = await Promise.all([blue, green].map((session) => session.row<{ uuid: string }>('SELECT @@server_uuid AS uuid')));
    if (old === undefined || present === undefined) throw new Error('a server did not answer its own variables');
    if (old.uuid !== present.uuid) return FINE;
    return blocker(`the production endpoint of '${situation.target?.identifier}' still leads to the old Blue (server ${old.uuid}): DNS may need some seconds`);
  },
};
