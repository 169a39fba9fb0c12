import fs from 'node:fs';
import { pictureFile, retirementPicture, retirementPictureFile, stateMachinePicture } from '../../scripts/state-machine-picture';
import { terminalPicture } from '../../scripts/terminal-picture';

test('docs/state-machine.svg shows the definition as it is (npx tsx scripts/state-machine-picture.ts draws it)', () => {
  expect(fs.readFileSync(pictureFile, 'utf8')).toBe(stateMachinePicture());
});

test('docs/retire-blue.svg shows what retireBlue adds (npx tsx scripts/state-machine-picture.ts draws it)', () => {
  expect(fs.readFileSync(retirementPictureFile, 'utf8')).toBe(retirementPicture());
});

test('a picture of a terminal takes every character as it is, and cuts what is too long', () => {
  const picture = terminalPicture(['a < b & c', 'x'.repeat(200)]);
  expect(picture).toContain('a &lt; b &amp; c');
  expect(picture).toContain('xxx …</text>');
});
