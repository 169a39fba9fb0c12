import fs from 'node:fs';
import { pictureFile, stateMachinePicture } from '../../scripts/state-machine-picture';
import { terminalPicture } from '../../scripts/terminal-picture';

test('docs/state-machine.svg shows the definition as it is (npx tsx scripts/state-machine-picture.ts draws it)', () => {
  expect(fs.readFileSync(pictureFile, 'utf8')).toBe(stateMachinePicture());
});

test('a picture of a terminal takes every character as it is, and cuts what is too long', () => {
  const picture = terminalPicture(['a < b & c', 'x'.repeat(200)]);
  expect(picture).toContain('a &lt; b &amp; c');
  expect(picture).toContain('xxx …</text>');
});
