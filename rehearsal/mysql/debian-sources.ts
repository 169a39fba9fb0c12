import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A Debian mirror that this machine is configured to use. */
export interface DebianMirror {
  /** URI of the archive, as the machine's sources name it. */
  readonly uri: string;
  /** What the sources say about the keyring: a path, or a key block; undefined means apt's own trusted keys. */
  readonly signedBy?: string;
}

interface Source {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy?: string;
}

/** Debian's archive is told from others by its suites: other archives for Debian use suites of their own, or keys of their own. */
const debianSuite = /^(sid|unstable|testing|stable|oldstable|oldoldstable|forky|trixie|bookworm|bullseye|buster)$/;

/**
 * The Debian mirrors in the apt sources of this machine, in their order; empty when it has none (not Debian, or no apt).
 * Reads both formats: one line per source (`*.list`) and stanzas (`*.sources`).
 */
export async function debianMirrors(aptFolder: string): Promise<DebianMirror[]> {
  const parts = join(aptFolder, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).sort();
  const files = [join(aptFolder, 'sources.list'), ...names.map((name) => join(parts, name))];
  const mirrors = new Map<string, DebianMirror>();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const sources = file.endsWith('.sources') ? parseStanzas(text) : file.endsWith('.list') ? parseLines(text) : [];
    for (const source of sources.filter(isDebianArchive)) {
      for (const uri of source.uris.filter((each) => !each.startsWith('cdrom:'))) {
        if (!mirrors.has(uri)) mirrors.set(uri, { uri, ...(source.signedBy ? { signedBy: source.signedBy } : {}) });
      }
    }
  }
  return [...mirrors.values()];
}

function isDebianArchive(source: Source): boolean {
  const ownKeys = source.signedBy === undefined || source.signedBy.includes('debian-archive') || source.signedBy.includes('BEGIN PGP');
  return source.types.includes('deb') && source.components.includes('main') && source.suites.some((suite) => debianSuite.test(suite)) && ownKeys;
}

/** `deb [signed-by=/path arch=amd64] URI suite component…` */
function parseLines(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) return [];
    const [, type = '', options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ types: [type], uris: [uri], suites: [suite], components: words(components), ...(signedBy ? { signedBy } : {}) }];
  });
}

/** Stanzas of `Field: value`, separated by blank lines; a value goes on in lines that start with a blank. */
function parseStanzas(text: string): Source[] {
  const withoutComments = text.split('\n').filter((line) => !line.startsWith('#')).join('\n');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const [, name = '', value = ''] of stanza.matchAll(/^(\S+?):((?:.*)(?:\n[ \t].*)*)/gm)) fields.set(name.toLowerCase(), value.trim());
    const field = (name: string) => fields.get(name) ?? '';
    if (/^(no|false|without|off|disable)$/i.test(field('enabled'))) return [];
    const signedBy = field('signed-by');
    return [{
      types: words(field('types')),
      uris: words(field('uris')),
      suites: words(field('suites')),
      components: words(field('components')),
      ...(signedBy ? { signedBy } : {}),
    }];
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
