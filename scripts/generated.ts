import fs from 'node:fs';
import path from 'node:path';
import { withFileLock } from '../rehearsal/mysql/file-lock';

const LOCKS = path.join(__dirname, '..', 'node_modules', '.cache', 'cdk-rds-blue-green');

/**
 * Writes a generated file, unless it has this content already: a file that nobody changed must not look changed to tools that watch it.
 * It is written aside and renamed, so that nobody ever reads half of it.
 *
 * @returns whether the file was written.
 */
export function writeIfChanged(file: string, content: string): boolean {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === content) return false;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.${process.hrtime.bigint()}.tmp`;
  try {
    fs.writeFileSync(aside, content);
    fs.renameSync(aside, file);
  } finally {
    fs.rmSync(aside, { force: true });
  }
  return true;
}

/**
 * Runs `action` while no other process of this checkout holds the lock of this name; takes over the lock of a process that has died.
 *
 * @param name lower-case letters, digits and '-'.
 */
export async function withLock<T>(name: string, action: () => Promise<T>): Promise<T> {
  fs.mkdirSync(LOCKS, { recursive: true });
  return withFileLock(path.join(LOCKS, `${name}.lock`), action);
}
