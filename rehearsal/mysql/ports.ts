import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports below the range from which the kernel takes ports for outgoing connections: nobody grabs one while its server restarts. */
const lowestPort = 15_000;
const highestPort = 32_000;

/** The only address the rehearsal listens on. */
export const loopback = '127.0.0.1';

/** A port on the loopback address that was free a moment ago; whoever uses it must be ready to find it taken. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(lowestPort, highestPort);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found between ${lowestPort} and ${highestPort} on ${loopback}. End what listens there.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, loopback, () => probe.close(() => resolve(true)));
  });
}
