import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

/** A replication that skips errors follows Blue without having its data: it says 0 behind, and rows are missing. */
export const errorsNotSkipped: Check<GreenContext> = {
  id: 'errors-not-skipped',
  scopes: ['green', 'before-switchover'],
  acknowledgeable: true,
  async run({ green, situation, scope }) {
    // the comparison comes between.
    const severity = scope === 'green' ? 'warning' : 'blocker';
    const rows = await green.rows<{ Variable_name: string; Value: string }>(
      `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('replica_skip_errors', 'replica_exec_mode', 'slave_skip_errors', 'slave_exec_mode')`,
    );
    const value = (name: string) => rows.find((row) => row.Variable_name === `replica_${name}`)?.Value ?? rows.find((row) => row.Variable_name === `slave_${name}`)?.Value;
    const name = situation.target?.identifier;
    const problems: Problem[] = [];
    const skipped = value('skip_errors') ?? 'OFF';
    if (!['OFF', ''].includes(skipped.toUpperCase())) {
      problems.push({
        severity,
        message: `replica_skip_errors on '${name}' is '${skipped}': a row that cannot be applied (1062, 1032) would be left out without a word. Take it out of the parameter group of Green's instances and reboot them while no statement runs there; what was skipped by then, `
          + 'only the comparison finds',
      });
    }
    if (value('exec_mode')?.toUpperCase() === 'IDEMPOTENT') {
      problems.push({
        severity,
        message: `replica_exec_mode on '${name}' is IDEMPOTENT: rows that are missing or there already (1032, 1062) are passed over without a word. Set it to STRICT, or acknowledge this if everything is compared`,
      });
    }
    return problems;
  },
};
