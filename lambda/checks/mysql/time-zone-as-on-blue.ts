import { type Session } from '../../mysql/session';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** Green tells the same time as Blue: what NOW() and a TIMESTAMP say to a client depends on the server's time zone, and events start by theirs. */
export const timeZoneAsOnBlue: Check<GreenContext> = {
  id: 'time-zone-as-on-blue',
  scopes: ['green', 'before-switchover'],
  acknowledgeable: true,
  async run({ blue, green, situation }) {
    const [wanted, present] = [await timeZoneOf(blue), await timeZoneOf(green)];
    if (wanted === present) return FINE;
    return blocker(`time_zone is ${present} on '${situation.target?.identifier}' and ${wanted} on Blue: after the switchover NOW() and every TIMESTAMP would read otherwise, and DATETIME columns be filled with another time. `
      + `Set time_zone in Green's cluster parameter group as in Blue's`);
  },
};

/** SYSTEM is whatever the machine has. */
async function timeZoneOf(session: Session): Promise<string> {
  const row = await session.row<{ zone: string }>(`SELECT IF(@@global.time_zone = 'SYSTEM', @@system_time_zone, @@global.time_zone) AS zone`);
  return row?.zone === '+00:00' ? 'UTC' : row?.zone ?? '';
}
