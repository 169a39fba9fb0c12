import { type Check } from '../check';
import { accountsAsOnBlue } from './accounts-as-on-blue';
import { binlogRetention } from './binlog-retention';
import { binlogRunning } from './binlog-running';
import { blueIsNoReplica } from './blue-is-no-replica';
import { cascadingForeignKeys } from './cascading-foreign-keys';
import { characterSets } from './character-sets';
import { characterSetsAsOnBlue } from './character-sets-as-on-blue';
import { clientsWithoutTls } from './clients-without-tls';
import { clusterVolume } from './cluster-volume';
import { columnsAsOnBlue } from './columns-as-on-blue';
import { comparableTables } from './comparable-tables';
import { comparisonComplete } from './comparison-complete';
import { type GreenContext, type MysqlContext, type OldBlueContext, type ProductionContext } from './context';
import { dataStillEqual } from './data-still-equal';
import { databasePrivileges } from './database-privileges';
import { databaseTmp } from './database-tmp';
import { databasesExist } from './databases-exist';
import { definers } from './definers';
import { endpointLeadsToGreen } from './endpoint-leads-to-green';
import { errorsNotSkipped } from './errors-not-skipped';
import { eventScheduler } from './event-scheduler';
import { eventTimeZones } from './event-time-zones';
import { foreignKeysToOtherDatabases } from './foreign-keys-to-other-databases';
import { greenFollowsBlue } from './green-follows-blue';
import { greenSettings } from './green-settings';
import { indexBuilds } from './index-builds';
import { indexesAsOnBlue } from './indexes-as-on-blue';
import { keyLengths } from './key-lengths';
import { longTransactions } from './long-transactions';
import { metadataLocks } from './metadata-locks';
import { migrationComplete } from './migration-complete';
import { noUnfinishedRun } from './no-unfinished-run';
import { oldBlueClients } from './old-blue-clients';
import { oldBlueProtected } from './old-blue-protected';
import { oldBlueReadOnly } from './old-blue-read-only';
import { oldBlueReplication } from './old-blue-replication';
import { oldBlueVisitors } from './old-blue-visitors';
import { onlineSchemaChange } from './online-schema-change';
import { primaryKeys } from './primary-keys';
import { privileges } from './privileges';
import { productionTakesWrites } from './production-takes-writes';
import { replicationCaughtUp } from './replication-caught-up';
import { replicationFilters } from './replication-filters';
import { rowLengths } from './row-lengths';
import { runningDdl } from './running-ddl';
import { schemaAsPlanned } from './schema-as-planned';
import { somethingToDo } from './something-to-do';
import { storageEngines } from './storage-engines';
import { tablesCompared } from './tables-compared';
import { timeZoneAsOnBlue } from './time-zone-as-on-blue';
import { triggers } from './triggers';
import { valuesAsProved } from './values-as-proved';
import { xaTransactions } from './xa-transactions';

/** All checks of the database zone that look at Blue alone. A new check is a file of its own and a line here. */
export const BLUE_CHECKS: readonly Check<MysqlContext>[] = [
  privileges,
  databasePrivileges,
  databasesExist,
  binlogRunning,
  blueIsNoReplica,
  binlogRetention,
  clusterVolume,
  characterSets,
  storageEngines,
  keyLengths,
  rowLengths,
  primaryKeys,
  comparableTables,
  comparisonComplete,
  cascadingForeignKeys,
  foreignKeysToOtherDatabases,
  triggers,
  definers,
  eventScheduler,
  onlineSchemaChange,
  runningDdl,
  metadataLocks,
  longTransactions,
  xaTransactions,
  clientsWithoutTls,
  databaseTmp,
  noUnfinishedRun,
  somethingToDo,
  oldBlueReplication,
  oldBlueReadOnly,
];

/** All checks of the database zone that look at production alone. */
export const PRODUCTION_CHECKS: readonly Check<ProductionContext>[] = [
  productionTakesWrites,
];

/** All checks of the database zone that need Green too. */
export const GREEN_CHECKS: readonly Check<GreenContext>[] = [
  greenFollowsBlue,
  greenSettings,
  errorsNotSkipped,
  accountsAsOnBlue,
  replicationFilters,
  timeZoneAsOnBlue,
  eventTimeZones,
  indexBuilds,
  migrationComplete,
  tablesCompared,
  valuesAsProved,
  dataStillEqual,
  characterSetsAsOnBlue,
  columnsAsOnBlue,
  indexesAsOnBlue,
  schemaAsPlanned,
  // what is true for a moment only comes last.
  replicationCaughtUp,
  endpointLeadsToGreen,
  oldBlueProtected,
];

/** All checks of the database zone that ask each instance of an old Blue. */
export const OLD_BLUE_CHECKS: readonly Check<OldBlueContext>[] = [
  oldBlueClients,
  oldBlueVisitors,
];
