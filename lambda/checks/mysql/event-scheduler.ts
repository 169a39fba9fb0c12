import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { type Check, FINE } from '../check';
import { type MysqlContext } from './context';

/** Events run on Blue until the switchover, never on Green, and on production again once it is restored; one that is due in between is missed. */
export const eventScheduler: Check<MysqlContext> = {
  id: 'event-scheduler',
  scopes: ['preflight'],
  unknown: 'warning',
  async run({ blue }) {
    const row = await blue.row<{ scheduler: string; events: number }>(
      `SELECT @@global.event_scheduler AS scheduler, COUNT(*) AS events FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' AND EVENT_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)})`,
      SYSTEM_SCHEMAS,
    );
    if (row === undefined || Number(row.events) === 0) return FINE;
    const { scheduler, events } = row;
    const some = `${events} enabled event${Number(events) === 1 ? '' : 's'}`;
    return [{
      severity: 'note',
      message: scheduler === 'ON'
        ? `event_scheduler of Blue is ON, with ${some}: they stay off on Green, and run again when Restore Production has enabled them, some minutes after the switchover. One that is due in between is missed: see when they start`
        : `event_scheduler of Blue is ${scheduler}, with ${some}, which do not run: after the switchover it is ${scheduler} again`,
    }];
  },
};
