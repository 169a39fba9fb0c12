import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds; throws when it still does not after a minute, or as many seconds as are given. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`);
    await sleep(50);
  }
}
