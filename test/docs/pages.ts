import fs from 'node:fs';
import path from 'node:path';
import { partOf } from '../../scripts/document-parts';
import { root } from '../../scripts/stages';

/** A fenced block of a page. */
export interface Block {
  /** The page and the line at which the block starts, as an editor opens it. */
  readonly where: string;
  /** The first word behind the fence, such as `ts`. */
  readonly language: string;
  readonly text: string;
}

/** Every page written by hand, as a path within the repository. */
export function pages(): string[] {
  const markdown = (folder: string) => fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.md')).map((name) => path.join(folder, name));
  const examples = fs.readdirSync(path.join(root, 'examples')).map((name) => path.join('examples', name, 'README.md'));
  // API.md is generated from lib, where its sentences are looked after.
  return [...markdown('.'), ...markdown('docs'), ...examples].filter((page) => page !== 'API.md');
}

/** The text of a page. */
export function read(page: string): string {
  return fs.readFileSync(path.join(root, page), 'utf8');
}

/** The fenced blocks of a text. */
export function blocksIn(text: string, page = ''): Block[] {
  return [...text.matchAll(/^```(\S*)[^\n]*\n([\s\S]*?)^```$/gm)].map(({ 1: language = '', 2: content = '', index }) => ({
    where: `${page}:${text.slice(0, index).split('\n').length}`, language, text: content,
  }));
}

/** The fenced blocks of all pages in one language. */
export function blocks(...languages: readonly string[]): Block[] {
  return pages().flatMap((page) => blocksIn(read(page), page)).filter(({ language }) => languages.includes(language));
}

/** The SQL statements between two markers of a page. */
export function statements(page: string, part: string): string[] {
  return sqlOf(blocksIn(partOf(read(page), part)).map(({ text }) => text).join('\n'));
}

/** The statements of a SQL text, without comments. */
export function sqlOf(text: string): string[] {
  const withoutComments = text.split('\n').filter((line) => !line.startsWith('--')).join('\n');
  return withoutComments.split(/;\s*$/m).map((statement) => statement.trim()).filter((statement) => statement !== '');
}
