import { type Check } from '../check';
import { binlogRetention } from './binlog-retention';
import { binlogRunning } from './binlog-running';
import { blueIsNoReplica } from './blue-is-no-replica';
import { cascadingForeignKeys } from './cascading-foreign-keys';
import { characterSets } from './character-sets';
import { characterSetsAsOnBlue } from './character-sets-as-on-blue';
import { type GreenContext, type MysqlContext, type ProductionContext } from './context';
import { dataStillEqual } from './data-still-equal';
import { databasePrivileges } from './database-privileges';
import { databaseTmp } from './database-tmp';
import { databasesExist } from './databases-exist';
import { endpointLeadsToGreen } from './endpoint-leads-to-green';
import { greenFollowsBlue } from './green-follows-blue';
import { greenSettings } from './green-settings';
import { indexesAsOnBlue } from './indexes-as-on-blue';
import { keyLengths } from './key-lengths';
import { longTransactions } from './long-transactions';
import { migrationComplete } from './migration-complete';
import { noUnfinishedRun } from './no-unfinished-run';
import { primaryKeys } from './primary-keys';
import { privileges } from './privileges';
import { productionTakesWrites } from './production-takes-writes';
import { replicationCaughtUp } from './replication-caught-up';
import { somethingToDo } from './something-to-do';
import { storageEngines } from './storage-engines';
import { tablesCompared } from './tables-compared';

/** All checks of the database zone that look at Blue alone. A new check is a file of its own and a line here. */
export const BLUE_CHECKS: readonly Check<MysqlContext>[] = [
  privileges,
  databasePrivileges,
  databasesExist,
  binlogRunning,
  blueIsNoReplica,
  binlogRetention,
  characterSets,
  storageEngines,
  keyLengths,
  primaryKeys,
  cascadingForeignKeys,
  databaseTmp,
  noUnfinishedRun,
  somethingToDo,
];

/** All checks of the database zone that look at production alone. */
export const PRODUCTION_CHECKS: readonly Check<ProductionContext>[] = [
  productionTakesWrites,
];

/** All checks of the database zone that need Green too. */
export const GREEN_CHECKS: readonly Check<GreenContext>[] = [
  greenFollowsBlue,
  greenSettings,
  replicationCaughtUp,
  longTransactions,
  migrationComplete,
  tablesCompared,
  characterSetsAsOnBlue,
  indexesAsOnBlue,
  dataStillEqual,
  endpointLeadsToGreen,
];
