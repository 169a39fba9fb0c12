import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, cachedFolders } from './cache-folder';
import { debianMirrors, type DebianMirror } from './debian-sources';
import { askDistribution, type MysqlDistribution, versionNumbers } from './distribution';

const run = promisify(execFile);

/** Start of the folder names in the cache; the version follows. */
const folderPrefix = 'mysql-';

/** The package with the server and nothing around it. */
const packageName = 'mysql-server-core';

/** The newest private MySQL in the cache folder; undefined when there is none. Throws when it does not run. */
export async function cachedMysql(): Promise<MysqlDistribution | undefined> {
  const folder = await newestCachedFolder();
  return folder === undefined ? undefined : distributionIn(folder);
}

/**
 * Downloads MySQL from the Debian mirror that this machine is configured to use, and unpacks it with all its libraries into the cache
 * folder, where it runs beside whatever is installed. Needs `apt-get` and `dpkg`, no root rights, about 60 MB of download and 330 MB
 * of disk. Throws when this machine knows no Debian mirror, or none of them serves.
 */
export async function downloadMysql(log: (line: string) => void, aptFolder: string): Promise<MysqlDistribution> {
  const mirrors = await debianMirrors(aptFolder);
  if (mirrors.length === 0) throw new Error(`the package sources of this machine (${aptFolder}) name no Debian mirror`);
  const folder = await cachedFolder({
    label: 'mysql',
    find: newestCachedFolder,
    fill: async (aside) => {
      await downloadFromAny(mirrors, aside, log);
      return `${folderPrefix}${(await distributionIn(aside)).version}`;
    },
  });
  return distributionIn(folder);
}

async function newestCachedFolder(): Promise<string | undefined> {
  const rank = (folder: string) => {
    const { major, minor, patch } = versionNumbers(folder.slice(folder.lastIndexOf(folderPrefix) + folderPrefix.length));
    return (major * 1000 + minor) * 1000 + patch;
  };
  return (await cachedFolders(folderPrefix)).sort((one, other) => rank(other) - rank(one))[0];
}

async function downloadFromAny(mirrors: readonly DebianMirror[], folder: string, log: (line: string) => void): Promise<void> {
  const failures: string[] = [];
  for (const mirror of mirrors) {
    try {
      return await download(mirror, folder, log);
    } catch (error) {
      failures.push(`${mirror.uri}: ${error instanceof Error ? error.message.trim() : String(error)}`);
    }
  }
  throw new Error(`no Debian mirror of this machine could be used: ${failures.join('; ')}`);
}

async function download(mirror: DebianMirror, folder: string, log: (line: string) => void): Promise<void> {
  const apt = join(folder, 'apt');
  const root = join(folder, 'root');
  await Promise.all([apt, root].map((each) => rm(each, { recursive: true, force: true })));
  for (const each of ['lists/partial', 'cache/archives/partial', 'log', 'state']) await mkdir(join(apt, each), { recursive: true });
  await mkdir(root);
  const sources = join(apt, 'debian.sources');
  const signedBy = mirror.signedBy === undefined ? [] : [`Signed-By: ${mirror.signedBy}`];
  await writeFile(sources, ['Types: deb', `URIs: ${mirror.uri}`, 'Suites: sid', 'Components: main', ...signedBy, ''].join('\n'));
  // with an empty list of installed packages, apt downloads every library too, down to libc.
  await writeFile(join(apt, 'state/status'), '');
  const options = aptOptions(apt, sources);
  log(`Downloading MySQL from ${mirror.uri} (about 60 MB)`);
  await run('apt-get', [...options, 'update'], { maxBuffer: 64 * 1024 * 1024 });
  await run('apt-get', [...options, '--download-only', '--yes', 'install', packageName], { maxBuffer: 64 * 1024 * 1024 });
  const archives = join(apt, 'cache/archives');
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb')).sort();
  log(`Unpacking ${packages.length} packages`);
  for (const each of packages) await run('dpkg', ['-x', join(archives, each), root]);
  await rm(apt, { recursive: true, force: true });
}

/** Lets apt-get read and write nothing but these folders, so that it needs no rights and changes nothing on the machine. */
function aptOptions(apt: string, sources: string): string[] {
  const settings = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'Dir::State': join(apt, 'state'),
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'state/status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Log': join(apt, 'log'),
    // the user _apt, which root's apt-get downloads as, cannot read folders below a home.
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': '0',
    'APT::Get::AllowUnauthenticated': '0',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  return ['-q', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** The unpacked server runs under the loader it came with, because its libc may be newer than the machine's. */
async function distributionIn(folder: string): Promise<MysqlDistribution> {
  const usr = join(folder, 'root/usr');
  const { loader, libraries } = await findLoader(join(usr, 'lib'));
  return askDistribution(loader, ['--library-path', libraries, join(usr, 'sbin/mysqld')], [
    `--basedir=${usr}`,
    `--lc-messages-dir=${join(usr, 'share/mysql')}`,
    `--character-sets-dir=${join(usr, 'share/mysql/charsets')}`,
    `--plugin-dir=${join(usr, 'lib/mysql/plugin')}`,
  ]);
}

/** The name of the loader, and of the folder in which it lies beside libc, depend on the processor. */
async function findLoader(lib: string): Promise<{ loader: string; libraries: string }> {
  for (const entry of (await readdir(lib, { withFileTypes: true })).filter((each) => each.isDirectory())) {
    const libraries = join(lib, entry.name);
    const files = await readdir(libraries);
    const loader = files.find((name) => /^ld(-linux.*|64)\.so\.\d+$/.test(name));
    if (loader !== undefined && files.includes('libc.so.6')) return { loader: join(libraries, loader), libraries };
  }
  throw new Error(`'${lib}' holds no program loader: the unpacked MySQL is damaged, delete its folder`);
}
