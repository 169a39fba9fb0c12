import { setTimeout as sleep } from 'node:timers/promises';
import { type MysqlServer } from '../../rehearsal/mysql';
import { DATABASE, tablesOf } from './dataset';

/** How it writes. */
export interface WriterOptions {
  /** @default 200 */
  readonly operationsPerSecond?: number;
  /** Receives how long each write took, in milliseconds. */
  readonly latencies?: number[];
}

/** Writes on Blue at a steady pace until it is told to stop, as far as Blue can follow. */
export async function writeUntil(
  blue: Pick<MysqlServer, 'withConnection'>, rows: number, stopped: AbortSignal, { operationsPerSecond = 200, latencies }: WriterOptions = {},
): Promise<number> {
  const tables = tablesOf(rows);
  return blue.withConnection(async (connection) => {
    let done = 0;
    for (const startedAt = Date.now(); !stopped.aborted;) {
      const { name, rows: size } = tables[done % tables.length] ?? { name: 't1', rows };
      const id = 1 + (done * 7919) % size;
      const sentAt = performance.now();
      if (done % 3 === 0) await connection.query(`INSERT INTO ${DATABASE}.${name} (code, name, note, amount, created) SELECT code, name, note, amount + 1, created FROM ${DATABASE}.${name} WHERE id = ?`, [id]);
      else await connection.query(`UPDATE ${DATABASE}.${name} SET amount = amount + 1, note = CONCAT('変更 ', amount) WHERE id = ?`, [id]);
      latencies?.push(performance.now() - sentAt);
      done += 1;
      const ahead = done / operationsPerSecond * 1000 - (Date.now() - startedAt);
      if (ahead > 0) await sleep(ahead);
    }
    return done;
  }, { charset: 'utf8mb4' });
}
