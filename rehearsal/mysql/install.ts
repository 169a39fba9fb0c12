import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { askDistribution, type MysqlDistribution } from './distribution';
import { cachedMysql, downloadMysql } from './private-mysql';

/** Names the mysqld to use, and thereby keeps anything from being searched or downloaded. */
export const mysqldVariable = 'CDK_RDS_BLUE_GREEN_MYSQLD';

/** Options of {@link findMysql}. */
export interface FindMysqlOptions {
  /** Receives a line for everything that takes time; default: nobody. */
  readonly log?: (line: string) => void;
  /** Where this machine says which package archives it uses; default: `/etc/apt`. */
  readonly aptFolder?: string;
}

/**
 * Finds a MySQL server, version 8.0 or later: the one that the environment variable CDK_RDS_BLUE_GREEN_MYSQLD names, a `mysqld` on
 * the PATH, a private copy in the cache folder, or such a copy downloaded now. Throws with everything that was tried.
 */
export async function findMysql(options: FindMysqlOptions = {}): Promise<MysqlDistribution> {
  const named = process.env[mysqldVariable];
  if (named) {
    return askDistribution(named, [], []).catch((error: unknown) => {
      throw new Error(`${mysqldVariable} names '${named}', which cannot be used: ${reason(error)}. Let it name a mysqld of version 8.0 or later, or unset it.`);
    });
  }
  const tried: string[] = [];
  for (const program of await onPath('mysqld')) {
    try {
      return await askDistribution(program, [], []);
    } catch (error) {
      tried.push(`${program}: ${reason(error)}`);
    }
  }
  if (tried.length === 0) tried.push('no mysqld on the PATH');
  try {
    return await cachedMysql() ?? await downloadMysql(options.log ?? (() => undefined), options.aptFolder ?? '/etc/apt');
  } catch (error) {
    tried.push(`download: ${reason(error)}`);
  }
  throw new Error(`No MySQL server was found. Install MySQL 8.0 or later, or let ${mysqldVariable} name its mysqld. Tried: ${tried.join('; ')}.`);
}

async function onPath(name: string): Promise<string[]> {
  const candidates = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, name));
  const found = await Promise.all(candidates.map((each) => access(each, constants.X_OK).then(() => [each], () => [])));
  return found.flat();
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
