import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock, writeIfChanged } from '../../scripts/generated';

let folder: string;

beforeEach(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'generated-test-')); });
afterEach(() => { fs.rmSync(folder, { recursive: true, force: true }); });

test('writes a file only if its content changes, and leaves nothing beside it', () => {
  const file = path.join(folder, 'a', 'b.txt');
  expect(writeIfChanged(file, '一')).toBe(true);
  fs.utimesSync(file, 1, 1);
  expect(writeIfChanged(file, '一')).toBe(false);
  expect(fs.statSync(file).mtimeMs).toBe(1000);
  expect(writeIfChanged(file, '二')).toBe(true);
  expect(fs.readFileSync(file, 'utf8')).toBe('二');
  expect(fs.readdirSync(path.dirname(file))).toEqual(['b.txt']);
});

test('lets one action at a time run under a lock, and frees it after an error', async () => {
  const name = `test-${process.pid}`;
  let running = 0;
  let most = 0;
  const action = () => withLock(name, async () => {
    most = Math.max(most, ++running);
    await sleep(20);
    running--;
  });
  await Promise.all([action(), action(), action()]);
  expect(most).toBe(1);
  await expect(withLock(name, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await withLock(name, () => Promise.resolve('free again'))).toBe('free again');
});
