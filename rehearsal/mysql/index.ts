/**
 * Real MySQL servers on one machine, for rehearsals and tests.
 *
 * - `findMysql()` finds a MySQL program, or downloads a private one into the user's cache folder.
 * - `ProcessScope.open()` gives a temporary folder in which processes live; `close()` ends and removes all of it, and so does a
 *   watchdog when this process is killed.
 * - `MysqlServer.start()` starts a server: TLS on the loopback address for everybody (`createCertificates()`), the Unix socket for its
 *   administrator. It can be stopped, killed and restarted with other parameters.
 * - `installRdsProcedures()` and `createMasterUser()` add what RDS adds to MySQL.
 * - `cloneServer()` and `startReplication()` make Green from Blue while Blue is written to.
 * - `TcpProxy.open()` is a cluster endpoint: one port in front of whichever server is production now.
 *
 * ```ts
 * const scope = await ProcessScope.open();
 * try {
 *   const [distribution, certificates] = [await findMysql(), await createCertificates()];
 *   const blue = await MysqlServer.start({ distribution, certificates, scope, name: 'blue' });
 *   const green = await cloneServer(blue, { scope, name: 'green' });
 *   await startReplication(green.server, blue, green);
 * } finally {
 *   await scope.close();
 * }
 * ```
 */
export { cacheFolder } from './cache-folder';
export { type Certificates, createCertificates } from './certificates';
export { type MysqlDistribution, versionNumbers } from './distribution';
export { findMysql, type FindMysqlOptions, mysqldVariable } from './install';
export { findFreePort, loopback } from './ports';
export { endProcess, hasEnded, ProcessScope } from './process-scope';
export { createApplicationUser, createMasterUser, installRdsProcedures, unlogged } from './rds-compatibility';
export {
  binlogEnd, type BinlogPosition, type ClonedServer, type CloneOptions, cloneServer, resetReplication, startReplication, stopReplication, waitForReplica,
} from './replica';
export { type MysqlExit, MysqlServer, type MysqlServerOptions } from './server';
export { type MysqlParameters } from './server-options';
export { TcpProxy } from './tcp-proxy';
