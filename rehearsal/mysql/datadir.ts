import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, cachedFolder, exists } from './cache-folder';
import { type MysqlDistribution } from './distribution';

const run = promisify(execFile);

/**
 * Makes a new data directory at this path (whose parent exists): a copy of an initialised one from the cache, which is made the first time.
 * The administrator `root@localhost` has no password; nobody else can log in.
 */
export async function createDataDirectory(distribution: MysqlDistribution, path: string): Promise<void> {
  const template = await templateOf(distribution);
  await cp(template, path, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** What mysqld needs on every command line, whatever it is started for. */
export function commonArguments(): string[] {
  return [
    // mysqld refuses to run as root unless it is told to.
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    '--auto-generate-certs=OFF',
    '--caching-sha2-password-auto-generate-rsa-keys=OFF',
    '--secure-file-priv=NULL',
  ];
}

async function templateOf(distribution: MysqlDistribution): Promise<string> {
  const name = `data-${distribution.version}`;
  const folder = join(await cacheFolder(), name);
  return cachedFolder({
    label: name,
    find: async () => await exists(folder) ? folder : undefined,
    fill: async (aside) => {
      await run(distribution.command, [
        ...distribution.arguments, ...commonArguments(), '--initialize-insecure', `--datadir=${aside}`, '--skip-log-bin', '--loose-innodb-redo-log-capacity=8M',
      ]);
      // every server makes a server_uuid of its own.
      await rm(join(aside, 'auto.cnf'), { force: true });
      return name;
    },
  });
}
