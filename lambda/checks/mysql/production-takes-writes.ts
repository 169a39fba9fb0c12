import { type Check } from '../check';
import { type ProductionContext } from './context';

/** The new production is not read-only. */
export const productionTakesWrites: Check<ProductionContext> = {
  id: 'production-takes-writes',
  scopes: ['after-switchover', 'retire'],
  async run({ green, situation }) {
    const row = await green.row<{ readOnly: number; innodbReadOnly: number }>('SELECT @@global.read_only AS readOnly, @@global.innodb_read_only AS innodbReadOnly');
    if (row === undefined) throw new Error('the server did not answer its own variables');
    if (!row.readOnly && !row.innodbReadOnly) return [];
    return [{
      severity: 'blocker',
      message: `production '${situation.target?.identifier}' is read-only (read_only=${row.readOnly}, innodb_read_only=${row.innodbReadOnly}). If it stays so, set read_only to 0 in its cluster parameter group; `
        + 'with innodb_read_only=1 the endpoint leads to a reader: see which instance is the writer',
    }];
  },
};
