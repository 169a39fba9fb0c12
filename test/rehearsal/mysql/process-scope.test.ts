import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ProcessScope } from '../../../rehearsal/mysql';
import { identify, isRunning } from '../../../rehearsal/mysql/process-identity';
import { eventually } from './eventually';

const forever = ['-e', 'setInterval(() => undefined, 1000)'];

describe('ProcessScope', () => {
  test('ends processes and actions in reverse order, and removes its folder; closing twice is fine', async () => {
    const scope = await ProcessScope.open('test');
    const order: string[] = [];
    await writeFile(join(scope.folder, 'file'), 'content');
    const first = scope.spawn(process.execPath, forever);
    first.once('exit', () => order.push('first process'));
    scope.onClose(() => { order.push('first action'); });
    const second = scope.spawn(process.execPath, forever);
    second.once('exit', () => order.push('second process'));
    scope.onClose(async () => { order.push('second action'); });
    scope.onClose(() => { order.push('taken back'); })();

    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    expect(order).toEqual(['second action', 'second process', 'first action', 'first process']);
    expect(existsSync(scope.folder)).toBe(false);
    expect(() => scope.spawn(process.execPath, forever)).toThrow('its process scope is closed');
  });

  test('an error of one action does not keep the rest from being ended', async () => {
    const scope = await ProcessScope.open('test');
    const child = scope.spawn(process.execPath, forever);
    scope.onClose(() => { throw new Error('this went wrong'); });
    await expect(scope.close()).rejects.toThrow(/1 error\(s\).*this went wrong/);
    expect(child.signalCode).toBe('SIGKILL');
    expect(existsSync(scope.folder)).toBe(false);
  });

  test('a command that cannot be started is reported, and nothing is left to end', async () => {
    const scope = await ProcessScope.open('test');
    const [error] = await once(scope.spawn(join(scope.folder, 'no-such-program'), []), 'error') as [NodeJS.ErrnoException];
    expect(error.code).toBe('ENOENT');
    await scope.close();
  });

  test('when its process is killed, the watchdog ends the server and all else, and removes the folder', async () => {
    const abandoned = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'abandoned-scope.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const line = await Promise.race([once(createInterface({ input: abandoned.stdout }), 'line'), once(abandoned, 'exit').then(() => undefined)]);
      if (!line) throw new Error('the process to be abandoned ended by itself');
      const { folder, pids } = JSON.parse(String(line[0])) as { folder: string; pids: number[] };
      const identities = pids.map(identify);
      expect(identities.map(isRunning)).toEqual([true, true]);
      expect(existsSync(folder)).toBe(true);
      abandoned.kill('SIGKILL');
      await eventually('processes and folder vanish', () => !identities.some(isRunning) && !existsSync(folder));
    } finally {
      abandoned.kill('SIGKILL');
    }
  });

  test('a process is told from a later one with the same number', () => {
    const me = identify(process.pid);
    expect(isRunning(me)).toBe(true);
    // the start time is the kernel's; where there is none, the number alone has to do.
    if (me.startTime !== undefined) expect(isRunning({ ...me, startTime: '1' })).toBe(false);
  });
});
