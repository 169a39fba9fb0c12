// Writes docs/state-machine.svg and docs/retire-blue.svg from the synthesized definition of examples/utf8mb4: npx tsx scripts/state-machine-picture.ts
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { graphlib, layout } from '@dagrejs/dagre';
import { App, Duration } from 'aws-cdk-lib';
import { Utf8mb4Stack } from '../examples/utf8mb4/utf8mb4-stack';
import { type BlueGreenPipelineProps, RetireBlue } from '../lib';
import { type TaskName, TASKS, type Zone } from '../lib/private/functions';
import { StateName } from '../lib/private/state-machine/names';
import { loadStack } from '../rehearsal/cloudformation/template';
import { writeIfChanged } from './generated';
import { root } from './stages';

/** The picture. */
export const pictureFile = path.join(root, 'docs', 'state-machine.svg');

/** The picture of what `retireBlue` adds. */
export const retirementPictureFile = path.join(root, 'docs', 'retire-blue.svg');

/** A state as it stands in the definition. */
interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Resource?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Branches?: readonly { readonly States: Readonly<Record<string, State>> }[];
}

/** A box of the picture. */
interface Box {
  readonly name: string;
  readonly kind: 'task' | 'choice' | 'parallel' | 'other';
  readonly zone?: Zone;
  /** States inside: those of the branches. */
  readonly inside: readonly { readonly name: string; readonly zone?: Zone }[];
  /** It is a wait: a look, and as long as nothing is ready another one. */
  readonly repeats: boolean;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The middle of a box, and its size. */
interface Place extends Point {
  readonly width: number;
  readonly height: number;
}

const COLOURS: Readonly<Record<Zone | 'plain', string>> = { rds: '#dbe7ff', mysql: '#dff3e4', none: '#f0f1f3', plain: '#ffffff' };
const TITLES: Readonly<Record<Zone, string>> = { rds: 'calls RDS', mysql: 'works in MySQL', none: 'computes' };
const LINE = 18;

/** What only makes up a loop or a branch and would hide the order of things. */
const isDetail = (name: string) => /: (?:Done\?|Wait|Not Checked)$/.test(name);

/** Draws every state of the machine, those of a Parallel in its box, a wait as one box. Failures, which lead from everywhere to one place, are a sentence. */
export function stateMachinePicture(): string {
  return pictureOf(definition(), () => true);
}

/** Draws the states that are there only where the old Blue is retired, and what comes before and behind them. */
export function retirementPicture(): string {
  const before = new Set(Object.keys(definition().states));
  const edges: readonly string[] = [StateName.RESTORE_PRODUCTION, StateName.REPORT];
  return pictureOf(definition({ retireBlue: RetireBlue.after(Duration.days(7)) }), (name) => !before.has(name) || edges.includes(name));
}

function pictureOf({ states, zoneOf }: Definition, isWanted: (name: string) => boolean): string {
  const leadsTo = (name: string): string[] => {
    const state = states[name];
    const next = [...(state?.Choices ?? []).map(({ Next }) => Next), state?.Default, state?.Next].filter((one) => one !== undefined);
    // through the choice of a wait, to what comes after it.
    return next.flatMap((one) => (isDetail(one) ? leadsTo(one).filter((other) => other !== name) : [one])).filter((one) => !isDetail(one));
  };
  const failing = new Set(['Remember Failure', 'Explain Failure']);
  const names = Object.keys(states).filter((name) => !isDetail(name) && !failing.has(name) && isWanted(name));
  const boxes = names.map((name): Box => {
    const state = states[name];
    const inner = (state?.Branches ?? []).flatMap(({ States }) => Object.entries(States)).filter(([id, { Type }]) => Type === 'Task' && !isDetail(id));
    const inside = inner.map(([id, { Resource }]) => ({ name: id, zone: zoneOf(Resource) }));
    const kind = state?.Type === 'Choice' ? 'choice' : state?.Type === 'Parallel' ? 'parallel' : state?.Type === 'Task' ? 'task' : 'other';
    return { name, kind, zone: zoneOf(state?.Resource), inside, repeats: Object.keys(states).includes(`${name}: Wait`) };
  });
  return draw(boxes, (name) => [...new Set(leadsTo(name))].filter((next) => names.includes(next)));
}

interface Definition {
  readonly states: Readonly<Record<string, State>>;
  readonly zoneOf: (resource: string | undefined) => Zone | undefined;
}

function definition(pipeline: Partial<BlueGreenPipelineProps> = {}): Definition {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'picture-'));
  try {
    const app = new App({ outdir: directory, analyticsReporting: false });
    new Utf8mb4Stack(app, 'Utf8mb4', { pipeline });
    app.synth();
    const stack = loadStack(directory, 'Utf8mb4', { account: '111122223333', region: 'eu-central-1' });
    const functions = stack.resources('AWS::Lambda::Function');
    const zoneOf = (resource: string | undefined): Zone | undefined => {
      const description = String(functions.find(({ ref }) => resource?.endsWith(`:${ref}`))?.properties.Description);
      const task = (Object.keys(TASKS) as TaskName[]).find((name) => description.startsWith(`cdk-rds-blue-green: ${name.replaceAll('-', ' ')} of `));
      return task === undefined ? undefined : TASKS[task].zone;
    };
    return { states: (stack.stateMachines[0]?.definition as { States: Record<string, State> } | undefined)?.States ?? {}, zoneOf };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function draw(boxes: readonly Box[], leadsTo: (name: string) => string[]): string {
  const graph = new graphlib.Graph();
  graph.setGraph({ marginx: 16, marginy: 40, nodesep: 24, ranksep: 22 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name, inside, repeats } of boxes) {
    const longest = Math.max(name.length + (repeats ? 3 : 0), ...inside.map((state) => state.name.length));
    graph.setNode(name, { width: longest * 7 + 28, height: 30 + inside.length * (LINE + 4) + (inside.length > 0 ? 6 : 0) });
  }
  for (const { name } of boxes) for (const next of leadsTo(name)) graph.setEdge(name, next);
  layout(graph);
  const placeOf = (name: string) => graph.node(name) as Place;
  const nodes = boxes.map((box) => drawBox(box, placeOf(box.name)));
  const lines = (graph.edges() as { v: string; w: string }[]).map((edge) => (graph.edge(edge) as { readonly points?: readonly Point[] }).points ?? []);
  const edges = lines.map((points) => {
    return `<path d="${points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')}" marker-end="url(#arrow)"/>`;
  });
  const all = boxes.map(({ name }) => placeOf(name));
  // some arrows run outside of all boxes.
  const xs = [...all.flatMap(({ x, width: own }) => [x - own / 2, x + own / 2]), ...lines.flatMap((points) => points.map(({ x }) => x))];
  const left = Math.floor(Math.min(0, ...xs) - 16);
  const width = Math.ceil(Math.max(640 + left, ...xs) + 16) - left;
  const height = Math.ceil(Math.max(...all.map(({ y, height: own }) => y + own / 2)) + 76);
  const zones = (Object.keys(TITLES) as Zone[]).map((zone, index) => `<rect x="${left + 16 + index * 150}" y="10" width="14" height="14" rx="3" fill="${COLOURS[zone]}" stroke="#5b6675"/><text x="${left + 36 + index * 150}" y="22">${TITLES[zone]}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="The states of the pipeline">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5b6675"/></marker></defs>
<rect x="${left}" width="${width}" height="${height}" fill="#ffffff"/>
<g fill="#1b2430">${zones.join('')}<text x="${left + 16 + zones.length * 150}" y="22">↻ looks again until it is done</text></g>
<g fill="none" stroke="#5b6675">${edges.join('\n')}</g>
<g fill="#1b2430" stroke="none">${nodes.join('\n')}</g>
<g fill="#5b6675"><text x="${left + 16}" y="${height - 34}">From any state: a failure is remembered and explained; a redrive or a new execution</text><text x="${left + 16}" y="${height - 16}">goes through “Read Input” and “Find Where We Are” to where the work stands.</text></g>
</svg>
`;
}

function drawBox({ name, kind, zone, inside, repeats }: Box, { x, y, width, height }: Place): string {
  const [left, top] = [x - width / 2, y - height / 2];
  const radius = kind === 'choice' ? height / 2 : kind === 'other' ? 3 : 7;
  const dashed = kind === 'parallel' ? ' stroke-dasharray="5 3"' : '';
  const rows = inside.map((state, index) => {
    const rowTop = top + 28 + index * (LINE + 4);
    return `<rect x="${(left + 8).toFixed(1)}" y="${rowTop.toFixed(1)}" width="${(width - 16).toFixed(1)}" height="${LINE}" rx="4" fill="${COLOURS[state.zone ?? 'plain']}"/>`
      + `<text x="${x.toFixed(1)}" y="${(rowTop + 13).toFixed(1)}" text-anchor="middle" font-size="12">${state.name}</text>`;
  });
  return `<rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="${radius}" fill="${COLOURS[zone ?? 'plain']}" stroke="#5b6675"${dashed}/>`
    + `<text x="${x.toFixed(1)}" y="${(inside.length > 0 ? top + 19 : y + 5).toFixed(1)}" text-anchor="middle"${kind === 'choice' ? ' font-style="italic"' : ''}>${name}${repeats ? ' ↻' : ''}</text>${rows.join('')}`;
}

if (require.main === module) {
  writeIfChanged(pictureFile, stateMachinePicture());
  writeIfChanged(retirementPictureFile, retirementPicture());
}
