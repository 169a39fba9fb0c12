import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { withFileLock } from './file-lock';

/** The folder of this user in which downloads and templates outlive a rehearsal; created if needed. */
export async function cacheFolder(): Promise<string> {
  const configured = process.env.XDG_CACHE_HOME;
  const base = configured && isAbsolute(configured) ? configured : join(homedir(), '.cache');
  const folder = join(base, 'cdk-rds-blue-green');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** How one kind of cached folder is found and made. */
export interface CachedFolderRecipe {
  /** Name of the lock, and of the folder in which `fill` works. */
  readonly label: string;
  /** Returns the folder when the cache has it. */
  readonly find: () => Promise<string | undefined>;
  /** Fills the empty folder it is given, and returns the name under which the cache shall keep it. */
  readonly fill: (aside: string) => Promise<string>;
}

/**
 * Returns the cached folder, which is made when it does not exist yet: aside, under a lock, then renamed. Whoever sees it sees it
 * complete, and two processes at once make it once.
 */
export async function cachedFolder(recipe: CachedFolderRecipe): Promise<string> {
  const cache = await cacheFolder();
  return await recipe.find() ?? await withFileLock(join(cache, `${recipe.label}.lock`), async () => {
    const foundMeanwhile = await recipe.find();
    if (foundMeanwhile !== undefined) return foundMeanwhile;
    // under the lock, a folder that is there already can only be what a crashed process left.
    const aside = join(cache, `${recipe.label}.incomplete`);
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside);
    try {
      const folder = join(cache, await recipe.fill(aside));
      await rename(aside, folder);
      return folder;
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  });
}

/** The complete folders in the cache whose names start so, as full paths. */
export async function cachedFolders(prefix: string): Promise<string[]> {
  const cache = await cacheFolder();
  const entries = await readdir(cache, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix) && !entry.name.endsWith('.incomplete'))
    .map((entry) => join(cache, entry.name));
}

/** Whether something exists at this path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
