import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMysql, mysqldVariable } from '../../../rehearsal/mysql';

describe('findMysql', () => {
  const environment = { ...process.env };
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blue-green-install-'));
  });
  afterEach(async () => {
    process.env = { ...environment };
    await rm(folder, { recursive: true, force: true });
  });

  /** A program that answers to --version as this server does. */
  const mysqldSaying = async (answer: string): Promise<string> => {
    const path = join(folder, 'mysqld');
    await writeFile(path, `#!/bin/sh\necho '${answer}'\n`);
    await chmod(path, 0o755);
    return path;
  };

  test('finds the same server for two at once', async () => {
    const [one, other] = await Promise.all([findMysql(), findMysql()]);
    expect(one).toEqual(other);
    expect(Number(one.version.split('.')[0])).toBeGreaterThanOrEqual(8);
  });

  test('takes the one that the variable names', async () => {
    process.env[mysqldVariable] = await mysqldSaying('/usr/sbin/mysqld  Ver 8.0.46 for Linux on x86_64 (MySQL Community Server)');
    expect(await findMysql()).toEqual({ version: '8.0.46', command: join(folder, 'mysqld'), arguments: ['--no-defaults'] });
  });

  test.each([
    ['mysqld  Ver 5.7.44 for Linux on x86_64 (MySQL Community Server)', 'its version is 5.7.44, 8.0 or later is needed'],
    ['mysqld  Ver 10.11.6-MariaDB-0 for debian-linux-gnu on x86_64 (Debian 12)', 'it is no MySQL server'],
    ['hello', 'it is no MySQL server'],
  ])('refuses what the variable names when it says: %s', async (answer, reason) => {
    process.env[mysqldVariable] = await mysqldSaying(answer);
    await expect(findMysql()).rejects.toThrow(reason);
    await expect(findMysql()).rejects.toThrow(`${mysqldVariable} names '${join(folder, 'mysqld')}'`);
  });

  test('takes the one on the PATH', async () => {
    delete process.env[mysqldVariable];
    await mysqldSaying('mysqld  Ver 8.4.7 for Linux on x86_64 (MySQL Community Server)');
    process.env.PATH = `${folder}:${process.env.PATH}`;
    expect(await findMysql()).toEqual({ version: '8.4.7', command: join(folder, 'mysqld'), arguments: ['--no-defaults'] });
  });

  test('names everything it tried when nothing works', async () => {
    delete process.env[mysqldVariable];
    await mysqldSaying('mysqld  Ver 10.11.6-MariaDB-0 for debian-linux-gnu on x86_64 (Debian 12)');
    process.env.XDG_CACHE_HOME = folder;
    process.env.PATH = folder;
    // without package sources, nothing can be downloaded.
    await expect(findMysql({ aptFolder: folder })).rejects.toThrow(new RegExp([
      `^No MySQL server was found\\. Install MySQL 8\\.0 or later, or let ${mysqldVariable} name its mysqld\\. `,
      `Tried: ${folder}/mysqld: it is no MySQL server.*; download: the package sources .* name no Debian mirror\\.$`,
    ].join('')));
  });
});
