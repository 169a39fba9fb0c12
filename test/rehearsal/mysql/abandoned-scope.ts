// Started by process-scope.test.ts as a process of its own, to be killed: starts a server, tells what it started, and stays.
import { createCertificates, findMysql, MysqlServer, ProcessScope } from '../../../rehearsal/mysql';

async function main(): Promise<void> {
  const [distribution, certificates, scope] = await Promise.all([findMysql(), createCertificates(), ProcessScope.open('abandoned')]);
  const server = await MysqlServer.start({ distribution, certificates, scope, name: 'blue' });
  // a process that ignores SIGTERM, so that the watchdog has to insist.
  const stubborn = scope.spawn(process.execPath, ['-e', `process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);`], { stdio: 'ignore' });
  console.log(JSON.stringify({ folder: scope.folder, pids: [server.pid, stubborn.pid] }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
setInterval(() => undefined, 60_000);
