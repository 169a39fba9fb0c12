import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

/** Green tells the same time as Blue: what NOW() and a TIMESTAMP say to a client depends on the server's time zone, and events start by theirs. */
export const timeZoneAsOnBlue: Check<GreenContext> = {
  id: 'time-zone-as-on-blue',
  scopes: ['green', 'before-switchover'],
  acknowledgeable: true,
  async run({ blue, green, situation }) {
    const [wanted, present] = [await timeZoneOf(blue), await timeZoneOf(green)];
    const problems: Problem[] = [];
    if (wanted !== present) {
      problems.push({
        severity: 'blocker',
        message: `time_zone is ${present} on '${situation.target?.identifier}' and ${wanted} on Blue: after the switchover NOW() and every TIMESTAMP would read otherwise, and DATETIME columns be filled with another time. `
          + `Set time_zone in Green's cluster parameter group as in Blue's`,
      });
    }
    const unknown = await unknownZones(blue, green);
    if (unknown.length > 0) {
      problems.push({
        severity: 'blocker',
        message: `Green does not know the time zones ${someOf(unknown)}, in which events on Blue start: they could not be altered (error 1298). Its time zone tables (mysql.time_zone_name) are empty or older; `
          + 'delete the deployment together with Green and start again, or give the events an offset such as +09:00 on Blue',
      });
    }
    return problems;
  },
};

/** SYSTEM is whatever the machine has. */
async function timeZoneOf(session: Session): Promise<string> {
  const row = await session.row<{ zone: string }>(`SELECT IF(@@global.time_zone = 'SYSTEM', @@system_time_zone, @@global.time_zone) AS zone`);
  return row?.zone === '+00:00' ? 'UTC' : row?.zone ?? '';
}

async function unknownZones(blue: Session, green: Session): Promise<string[]> {
  const used = await blue.rows<{ zone: string }>(`SELECT DISTINCT TIME_ZONE AS zone FROM information_schema.EVENTS WHERE TIME_ZONE <> 'SYSTEM' ORDER BY 1`);
  const unknown: string[] = [];
  for (const { zone } of used) {
    const row = await green.row<{ moment: string | null }>(`SELECT CONVERT_TZ('2026-01-01 00:00:00', ?, '+00:00') AS moment`, [zone]);
    if (row?.moment === null) unknown.push(zone);
  }
  return unknown;
}
