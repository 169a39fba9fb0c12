import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/**
 * The old Blue takes no writes any more: RDS sees to that as long as the Blue/Green deployment exists. Production must not stay unrestored for the sake of
 * somebody who knows better.
 */
export const oldBlueProtected: Check<GreenContext> = {
  id: 'old-blue-protected',
  scopes: ['after-switchover'],
  acknowledgeable: true,
  async run({ blue, green, situation }) {
    const ask = 'SELECT @@server_uuid AS uuid, @@global.read_only AS readOnly, @@global.innodb_read_only AS innodbReadOnly';
    const [old, present] = await Promise.all([blue, green].map((session) => session.row<{ uuid: string; readOnly: number; innodbReadOnly: number }>(ask)));
    if (old === undefined || present === undefined) throw new Error('a server did not answer its own variables');
    // as long as both names lead to one server, there is no old Blue to speak of.
    if (old.uuid === present.uuid || old.readOnly || old.innodbReadOnly) return FINE;
    return blocker(`the old Blue '${situation.source?.identifier}' takes writes (read_only=0): a client with an old address could write there and lose it. Set read_only=1 in its cluster parameter group; or acknowledge this, where you know that `
      + 'nobody has its address');
  },
};
