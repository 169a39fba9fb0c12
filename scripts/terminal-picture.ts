// Writes docs/rehearsal.svg, a picture of a terminal, from what a rehearsal has printed: npm start > run.txt; npx tsx scripts/terminal-picture.ts run.txt
import fs from 'node:fs';
import path from 'node:path';
import { displayWidth } from '../rehearsal/terminal/display-width';
import { writeIfChanged } from './generated';
import { root } from './stages';

const [CHARACTER, LINE, MARGIN] = [7.8, 19, 18];
const LONGEST_LINE = 108;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A picture of some lines of text, as a terminal shows them. */
export function terminalPicture(lines: readonly string[]): string {
  const shown = lines.map((line) => (displayWidth(line) > LONGEST_LINE ? `${[...line].slice(0, LONGEST_LINE - 2).join('')} …` : line));
  const width = Math.ceil(Math.max(...shown.map(displayWidth)) * CHARACTER + 2 * MARGIN);
  const height = shown.length * LINE + 2 * MARGIN + 16;
  const rows = shown.map((line, index) => `<text x="${MARGIN}" y="${MARGIN + 26 + index * LINE}" xml:space="preserve">${line.replaceAll(/[&<>]/g, (character) => ESCAPES[character] ?? character)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13" role="img" aria-label="A rehearsal in a terminal">
<rect width="${width}" height="${height}" rx="8" fill="#14181f"/>
<g fill="#3a4353"><circle cx="20" cy="16" r="5"/><circle cx="36" cy="16" r="5"/><circle cx="52" cy="16" r="5"/></g>
<g fill="#d7dde6">${rows.join('\n')}</g>
</svg>
`;
}

if (require.main === module) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('name the file with what a rehearsal has printed');
  const text = fs.readFileSync(file, 'utf8').trimEnd();
  // how packages are installed is not worth a picture.
  const lines = text.slice(Math.max(0, text.indexOf('synthesizing'))).split('\n');
  writeIfChanged(path.join(root, 'docs', 'rehearsal.svg'), terminalPicture(['$ npm start', ...lines]));
}
