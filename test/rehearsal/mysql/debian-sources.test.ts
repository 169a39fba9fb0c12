import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianMirrors } from '../../../rehearsal/mysql/debian-sources';

describe('debianMirrors', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blue-green-apt-'));
    await mkdir(join(folder, 'sources.list.d'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('reads stanzas', async () => {
    await writeFile(join(folder, 'sources.list.d/debian.sources'), [
      '# a comment', 'Types: deb deb-src', 'URIs: http://one.example/debian http://two.example/debian', 'Suites: bookworm bookworm-updates',
      'Components: main contrib', 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg', '',
      'Types: deb', '# within', 'URIs: http://one.example/security', 'Suites: bookworm-security', 'Components: main', '',
      'Enabled: no', 'Types: deb', 'URIs: http://off.example/debian', 'Suites: trixie', 'Components: main', '',
      'Types: deb', 'URIs: http://key.example/debian', 'Suites: stable', 'Components: main', 'Signed-By:', ' -----BEGIN PGP PUBLIC KEY BLOCK-----', ' .', ' abc',
    ].join('\n'));
    const signedBy = '/usr/share/keyrings/debian-archive-keyring.gpg';
    expect(await debianMirrors(folder)).toEqual([
      { uri: 'http://one.example/debian', signedBy },
      { uri: 'http://two.example/debian', signedBy },
      { uri: 'http://key.example/debian', signedBy: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc' },
    ]);
  });

  test('reads lines', async () => {
    await writeFile(join(folder, 'sources.list'), [
      '# deb http://commented.example/debian bookworm main', 'deb cdrom:[Debian]/ bookworm main', 'deb-src http://source.example/debian bookworm main',
      'deb http://one.example/debian/ bookworm main contrib # the nearest', 'deb http://one.example/debian/ bookworm-updates main',
    ].join('\n'));
    await writeFile(join(folder, 'sources.list.d/more.list'), 'deb [arch=amd64 signed-by=/etc/keys/debian-archive.gpg] https://two.example/debian sid main\n');
    expect(await debianMirrors(folder)).toEqual([
      { uri: 'http://one.example/debian/' },
      { uri: 'https://two.example/debian', signedBy: '/etc/keys/debian-archive.gpg' },
    ]);
  });

  test('leaves other archives for Debian alone', async () => {
    await writeFile(join(folder, 'sources.list'), [
      'deb https://tools.example/linux/debian bookworm stable', 'deb [signed-by=/etc/keys/tools.gpg] https://tools.example/debian bookworm main',
      'deb https://tools.example/apt tools-bookworm main', 'deb http://ubuntu.example/ubuntu noble main',
    ].join('\n'));
    expect(await debianMirrors(folder)).toEqual([]);
  });

  test('finds nothing where there is no apt', async () => {
    expect(await debianMirrors(join(folder, 'nowhere'))).toEqual([]);
  });
});
