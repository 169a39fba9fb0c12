import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TaskName, TASKS } from '../lib/private/functions';
import { median, withSpread } from './statistics';

const DIST = path.join(__dirname, '..', 'lambda', 'dist');

/** Loads a bundle in a process that has nothing else, and prints how long that took in milliseconds. */
const LOAD = 'const startedAt = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - startedAt));';

/** What one function weighs and how long it takes to be ready for its first event. */
export interface Startup {
  readonly task: string;
  readonly zone: string;
  readonly kilobytes: number;
  /** Of every round. */
  readonly milliseconds: readonly number[];
}

/** Measures size and initialisation of every bundle, in turn, and prints them. In AWS the sandbox's own start comes on top. */
export async function benchStartup(rounds: number): Promise<readonly Startup[]> {
  const tasks = Object.keys(TASKS) as TaskName[];
  const times = new Map<TaskName, number[]>(tasks.map((task) => [task, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [task, measured] of times) measured.push(initialisation(task));
  }
  const startups = tasks.map((task) => ({
    task, zone: TASKS[task].zone, kilobytes: Math.round(fs.statSync(fileOf(task)).size / 1000), milliseconds: times.get(task) ?? [],
  }));
  console.log(`${'function'.padEnd(24)} zone     KB   ms to load, median of ${rounds} (least to greatest)`);
  for (const { task, zone, kilobytes, milliseconds } of startups) console.log(`${task.padEnd(24)} ${zone.padEnd(5)} ${String(kilobytes).padStart(5)}   ${withSpread(milliseconds, 0)}`);
  for (const zone of ['rds', 'mysql', 'none']) {
    const all = startups.filter((startup) => startup.zone === zone);
    console.log(`${zone}: at most ${Math.max(...all.map(({ kilobytes }) => kilobytes))} KB, median ${median(all.flatMap(({ milliseconds }) => milliseconds)).toFixed(0)} ms`);
  }
  return Promise.resolve(startups);
}

function fileOf(task: TaskName): string {
  return path.join(DIST, task, 'index.js');
}

function initialisation(task: TaskName): number {
  return Number(execFileSync(process.execPath, ['--no-warnings', '-e', LOAD, fileOf(task)], { encoding: 'utf8' }));
}
