import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** Green knows the time zones in which events of Blue start. */
export const eventTimeZones: Check<GreenContext> = {
  id: 'event-time-zones',
  scopes: ['green', 'before-switchover'],
  async run({ blue, green }) {
    const unknown = await unknownZones(blue, green);
    if (unknown.length === 0) return FINE;
    return blocker(`Green does not know the time zones ${someOf(unknown)}, in which events on Blue start: they could not be altered (error 1298). Its time zone tables (mysql.time_zone_name) are empty or older; `
      + 'delete the deployment together with Green and start again, or give the events an offset such as +09:00 on Blue');
  },
};

async function unknownZones(blue: Session, green: Session): Promise<string[]> {
  const used = await blue.rows<{ zone: string }>(`SELECT DISTINCT TIME_ZONE AS zone FROM information_schema.EVENTS WHERE TIME_ZONE <> 'SYSTEM' ORDER BY 1`);
  const unknown: string[] = [];
  for (const { zone } of used) {
    const row = await green.row<{ moment: string | null }>(`SELECT CONVERT_TZ('2026-01-01 00:00:00', ?, '+00:00') AS moment`, [zone]);
    if (row?.moment === null) unknown.push(zone);
  }
  return unknown;
}
