import { temporaryStorageGib } from '../../shared/capacity';
import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

const GIBIBYTE = 1024 ** 3;

/** Building indexes sorts in the local storage of Green's writer, whose size its instance class decides. */
export const localStorage: Check<RdsContext> = {
  id: 'local-storage',
  scopes: ['preflight', 'green'],
  unknown: 'warning',
  async run({ source, target, settings: { migration }, instancesOf, scope }) {
    const cluster = scope === 'green' ? target : source;
    if (cluster === undefined || migration.kind !== 'convertCharacterSet') return FINE;
    // what the construct leaves open follows the class.
    const room = (migration.deferredIndexes.roomBytes ?? 0) / GIBIBYTE;
    const writer = cluster.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
    const { DBInstanceClass: instanceClass = '' } = (await instancesOf(cluster)).find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === writer) ?? {};
    // a class with disks of its own has more than the table says, and Serverless is not in it.
    if (room === 0 || !/^db\.(?:[rx]\d\w*(?<!d)|t\d\w*)\./.test(instanceClass)) return FINE;
    const local = temporaryStorageGib({ instanceClass, maxCapacityUnits: null });
    if (room <= local * 0.75) return FINE;
    return warning(`index builds may fill ${room} GiB (indexBuildStorage), and an instance of class ${instanceClass} has about ${local} GiB of local storage, which it also needs for sorting and logs: a table whose build does not fit is `
      + `copied once more. Give indexBuildStorage at most about half of it (Size.gibibytes(${Math.floor(local / 2)})), or Green's writer a larger class`);
  },
};
