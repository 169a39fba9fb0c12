import { isObject } from './json';

/** One step of a JSONPath: which values it selects below a value. */
export type Selector = (value: unknown) => readonly unknown[];

/** A selector, and where the text goes on after it. */
export interface ParsedSelector {
  readonly select: Selector;
  /** The member or element it names, if it names exactly one. */
  readonly step?: string | number;
  readonly end: number;
}

const QUOTED = `(?:'(?:[^'\\\\]|\\\\.)+'|"(?:[^"\\\\]|\\\\.)+")`;

/** How each kind of step is written, and what it selects. A name followed by `(` would be a function. */
const KINDS: readonly { readonly pattern: RegExp; read(text: string): Omit<ParsedSelector, 'end'> }[] = [
  { pattern: /\.[\p{L}\p{N}_-]+(?![\p{L}\p{N}_(-])/uy, read: (text) => single(text.slice(1)) },
  { pattern: new RegExp(`\\[\\s*${QUOTED}\\s*\\]`, 'y'), read: (text) => single(namesIn(text)[0] ?? '') },
  { pattern: /\[\s*-?\d+\s*\]/y, read: (text) => single(integersIn(text)[0] ?? 0) },
  { pattern: /\.\*|\[\s*\*\s*\]/y, read: () => ({ select: children }) },
  // of `..name` the dot before the name belongs to the next step, of `..[` nothing does.
  { pattern: /\.(?=\.[^.[])|\.\.(?=\[)/y, read: () => ({ select: descendants }) },
  { pattern: /\[\s*-?\d+(?:\s*,\s*-?\d+)+\s*\]/y, read: (text) => union(integersIn(text)) },
  { pattern: new RegExp(`\\[\\s*${QUOTED}(?:\\s*,\\s*${QUOTED})+\\s*\\]`, 'y'), read: (text) => union(namesIn(text)) },
  { pattern: /\[\s*(?:-?\d+)?\s*:\s*(?:-?\d+)?\s*\]/y, read: slice },
];

/** Reads the step that stands at the position; undefined if none is known there. */
export function selectorAt(text: string, position: number): ParsedSelector | undefined {
  for (const { pattern, read } of KINDS) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) return { ...read(match[0]), end: position + match[0].length };
  }
  return undefined;
}

function single(step: string | number): Omit<ParsedSelector, 'end'> {
  return { step, select: (value) => child(value, step) };
}

function union(steps: readonly (string | number)[]): Omit<ParsedSelector, 'end'> {
  return { select: (value) => steps.flatMap((step) => child(value, step)) };
}

function slice(text: string): Omit<ParsedSelector, 'end'> {
  const [from = '', to = ''] = text.slice(1, -1).split(':').map((bound) => bound.trim());
  return { select: (value) => (Array.isArray(value) ? value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to)) : []) };
}

function child(value: unknown, step: string | number): readonly unknown[] {
  if (typeof step === 'string') return isObject(value) && Object.hasOwn(value, step) ? [value[step]] : [];
  if (!Array.isArray(value)) return [];
  const index = step < 0 ? value.length + step : step;
  return index >= 0 && index < value.length ? [value[index]] : [];
}

function children(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function descendants(value: unknown): readonly unknown[] {
  return [value, ...children(value).flatMap(descendants)];
}

function integersIn(text: string): readonly number[] {
  return (text.match(/-?\d+/g) ?? []).map(Number);
}

function namesIn(text: string): readonly string[] {
  return (text.match(new RegExp(QUOTED, 'g')) ?? []).map((name) => name.slice(1, -1).replace(/\\(.)/g, '$1'));
}
