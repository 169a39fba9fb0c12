// Ends the processes and removes the folder of a rehearsal whose own process died without doing so (SIGKILL, crash).
// It reads one JSON message per line from its standard input; the end of input without a goodbye is the parent's death.
// Plain JavaScript, so that it runs under node alone.
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const patienceMilliseconds = 10_000;
const processes = new Map();
const folders = [];
let goodbye = false;

// what stops the rehearsal must not stop the one who cleans up behind it; it ends by itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const message = parse(line);
  if (message.started) processes.set(message.started.pid, message.started);
  if (message.ended) processes.delete(message.ended.pid);
  if (message.folder) folders.push(message.folder);
  if (message.goodbye) goodbye = true;
}
if (!goodbye) await cleanUp();
process.exit(0);

async function cleanUp() {
  const left = [...processes.values()].reverse();
  for (const each of left) signalIfRunning(each, 'SIGTERM');
  const deadline = Date.now() + patienceMilliseconds;
  while (left.some(isRunning) && Date.now() < deadline) await sleep(50);
  for (const each of left) signalIfRunning(each, 'SIGKILL');
  while (left.some(isRunning) && Date.now() < deadline + patienceMilliseconds) await sleep(50);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** The parent may die in the middle of a line: half a message says nothing. */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

function signalIfRunning(identity, signal) {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // it ended in between.
  }
}

/** The same rule as in process-identity.ts: the start time guards against a number that was given to another process. */
function isRunning({ pid, startTime }) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (startTime === undefined) return true;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && fields[19] === startTime;
  } catch {
    return false;
  }
}
