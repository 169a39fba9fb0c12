import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachedFolder, cachedFolders, exists } from '../../../rehearsal/mysql/cache-folder';
import { withFileLock } from '../../../rehearsal/mysql/file-lock';
import { identify } from '../../../rehearsal/mysql/process-identity';

describe('cache folder', () => {
  const previous = process.env.XDG_CACHE_HOME;
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'blue-green-cache-'));
    process.env.XDG_CACHE_HOME = home;
  });
  afterEach(async () => {
    if (previous === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = previous;
    await rm(home, { recursive: true, force: true });
  });

  const thing = (fill: (aside: string) => Promise<void>) => cachedFolder({
    label: 'thing',
    find: async () => (await cachedFolders('thing-'))[0],
    fill: async (aside) => {
      await fill(aside);
      return 'thing-1';
    },
  });

  test('is filled once by many who want it at the same time', async () => {
    let filled = 0;
    const fill = async (aside: string) => {
      filled++;
      await writeFile(join(aside, 'one'), '');
      await sleep(50);
      await writeFile(join(aside, 'two'), '');
    };
    const folders = await Promise.all(Array.from({ length: 5 }, async () => readdir(await thing(fill))));
    expect(folders).toEqual(Array.from({ length: 5 }, () => ['one', 'two']));
    expect(filled).toBe(1);
    expect(await readdir(join(home, 'cdk-rds-blue-green'))).toEqual(['thing-1']);
  });

  test('keeps nothing of a failed attempt, and the next one succeeds', async () => {
    await expect(thing(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
    expect(await readdir(join(home, 'cdk-rds-blue-green'))).toEqual([]);
    expect(await exists(await thing(async () => undefined))).toBe(true);
  });

  test('the lock of a dead process is taken over, by one at a time', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const lock = join(home, 'lock');
    await writeFile(lock, JSON.stringify({ ...identify(child.pid ?? 0), token: 'of the dead' }));
    let inside = 0;
    let most = 0;
    const work = Promise.all(Array.from({ length: 5 }, () => withFileLock(lock, async () => {
      most = Math.max(most, ++inside);
      await sleep(10);
      inside--;
    })));
    await sleep(200);
    expect(most).toBe(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await work;
    expect(most).toBe(1);
    expect(await readdir(home)).toEqual([]);
  });
});
