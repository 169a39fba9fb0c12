import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A MySQL server program that can be started on this machine. */
export interface MysqlDistribution {
  /** Version of the server, for example `8.4.7`. */
  readonly version: string;
  /** The file to execute: mysqld, or the loader that executes it. */
  readonly command: string;
  /** What comes first on the command line, before the options of one server. */
  readonly arguments: readonly string[];
}

/** The oldest MySQL that can play both Blue and Green here: the CLONE plugin and the words SOURCE and REPLICA need 8.0. */
const oldestMajorVersion = 8;

/** The version of the server as numbers, for comparisons: `{ major: 8, minor: 4, patch: 7 }`. */
export function versionNumbers(version: string): { major: number; minor: number; patch: number } {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return { major, minor, patch };
}

/**
 * Asks a program for its version and makes a distribution of it.
 * Throws with the reason when it does not run, is no MySQL server, or is older than 8.0.
 */
export async function askDistribution(command: string, executor: readonly string[], options: readonly string[]): Promise<MysqlDistribution> {
  const { stdout } = await run(command, [...executor, '--no-defaults', '--version'], { timeout: 30_000 });
  const answer = stdout.trim();
  const version = /\bVer (\d+\.\d+\.\d+)/.exec(answer)?.[1];
  if (version === undefined || /mariadb/i.test(answer)) throw new Error(`it is no MySQL server, it answers '${answer}'`);
  if (versionNumbers(version).major < oldestMajorVersion) throw new Error(`its version is ${version}, 8.0 or later is needed`);
  // mysqld accepts --no-defaults in the first place only.
  return { version, command, arguments: [...executor, '--no-defaults', ...options] };
}
