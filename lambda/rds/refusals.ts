import { messageOf } from '../shared/errors';
import { nameOf } from './client';

/** What RDS says while something else is going on with a resource: it is asked again later. */
const NOT_NOW: readonly string[] = ['InvalidBlueGreenDeploymentState', 'InvalidDBClusterState', 'InvalidDBInstanceState'];

/**
 * Runs a call; what passes by itself becomes a text.
 *
 * @param settled names of the errors that mean that nothing is left to do.
 * @returns what RDS says where it cannot do it at this moment.
 */
export async function unlessBusy(call: () => Promise<unknown>, settled: readonly string[] = []): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    const name = nameOf(thrown);
    if (settled.includes(name)) return undefined;
    if (NOT_NOW.includes(name)) return `RDS says ${name}: ${messageOf(thrown)}`;
    throw thrown;
  }
}
