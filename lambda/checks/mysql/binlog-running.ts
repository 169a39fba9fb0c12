import { type Check, type Problem } from '../check';
import { type MysqlContext } from './context';

/** The running server writes a binlog that Green can follow; the parameter group only says what it will do after the next reboot. */
export const binlogRunning: Check<MysqlContext> = {
  id: 'binlog-running',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, situation }) {
    const server = await blue.row<{ logBin: number; format: string; image: string }>('SELECT @@log_bin AS logBin, @@binlog_format AS format, @@binlog_row_image AS image');
    const name = situation.source?.identifier;
    if (server === undefined || !server.logBin) {
      return [{
        severity: 'blocker',
        message: `the running server of '${name}' writes no binlog (log_bin is OFF; binlog_format=OFF in Aurora's terms), so Green could not follow it: set binlog_format to ROW in the `
          + 'cluster parameter group (BlueClusterParameterGroup does) and reboot the writer',
      }];
    }
    const problems: Problem[] = [];
    if (server.format !== 'ROW') {
      problems.push({
        severity: 'warning',
        message: `binlog_format of '${name}' is ${server.format}: statements are executed again on Green, where they may do something else. ROW is the safe choice; with ${server.format}, `
          + 'do not skip the data comparison',
      });
    }
    if (server.image !== 'FULL') {
      problems.push({
        severity: 'blocker',
        message: `binlog_row_image of '${name}' is ${server.image}: rows of tables that differ on Green may not be found or lose columns. Set it to FULL`,
      });
    }
    return problems;
  },
};
