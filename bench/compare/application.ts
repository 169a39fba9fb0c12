// An application that writes on Blue until it is told to stop, and then says how long each write took. In a process of its own: it shall wait for the
// server, not for the comparison that works beside it.
//
//   fork(application.ts, [socket of Blue, rows, operations a second])
import { type Connection, createConnection } from 'mysql2/promise';
import { writeUntil } from '../migration/writer';

async function main([socketPath, rows, operationsPerSecond]: readonly string[]): Promise<void> {
  const [latencies, stop]: [number[], AbortController] = [[], new AbortController()];
  process.once('message', () => stop.abort());
  // the bench is gone.
  process.once('disconnect', () => process.exit(1));
  const withConnection = async <Result>(work: (connection: Connection) => Promise<Result>, options: object = {}): Promise<Result> => {
    const connection = await createConnection({ socketPath, user: 'root', ...options });
    process.send?.('writing');
    return work(connection).finally(() => connection.end());
  };
  await writeUntil({ withConnection }, Number(rows), stop.signal, { operationsPerSecond: Number(operationsPerSecond), latencies });
  process.send?.(latencies, () => process.exit(0));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
