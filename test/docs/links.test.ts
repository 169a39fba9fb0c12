import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/stages';
import { pages, read } from './pages';

/** The anchors GitHub gives the headings of a page. */
function anchorsOf(page: string): string[] {
  const text = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

/** What is wrong with the links of a page. */
function brokenLinks(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !link.startsWith('https://'));
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (!fs.existsSync(path.join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

describe('links', () => {
  test.each(pages())('of %s lead to pages and sections that exist', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });
});
