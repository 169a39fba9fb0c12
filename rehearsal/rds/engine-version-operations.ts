import {
  type DBEngineVersion, type DBEngineVersionMessage, DescribeDBEngineVersions$, type DescribeDBEngineVersionsMessage, DescribeOrderableDBInstanceOptions$,
  type DescribeOrderableDBInstanceOptionsMessage, type OrderableDBInstanceOptionsMessage,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type EngineVersionEntry, instanceClassesOf } from './engine-version-catalogue';
import { type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { required } from './service-error';

/** DescribeDBEngineVersions, DescribeOrderableDBInstanceOptions. */
export function engineVersionOperations(account: Account): Operation[] {
  return [
    operation(DescribeDBEngineVersions$, () => ['*'], (input: DescribeDBEngineVersionsMessage) => describeVersions(account, input)),
    operation(DescribeOrderableDBInstanceOptions$, () => ['*'], (input: Partial<DescribeOrderableDBInstanceOptionsMessage>) => describeClasses(account, input)),
  ];
}

/** What can be made; nothing of a version that cannot be created any more. */
function describeClasses(account: Account, input: Partial<DescribeOrderableDBInstanceOptionsMessage>): OrderableDBInstanceOptionsMessage {
  const engine = required(input.Engine, 'Engine');
  const { EngineVersion: wantedVersion, DBInstanceClass: wantedClass } = input;
  const versions = account.options.engineVersions
    .filter(({ version, isDeprecated }) => !isDeprecated && (wantedVersion === undefined || wantedVersion === version));
  const all = engine !== 'aurora-mysql' ? [] : versions.flatMap((entry) => instanceClassesOf(entry).map((instanceClass) => ({
    Engine: engine, EngineVersion: entry.version, DBInstanceClass: instanceClass, StorageType: 'aurora', SupportedEngineModes: ['provisioned'],
  })));
  const wanted = filtered(all, input.Filters, {}).filter(({ DBInstanceClass }) => wantedClass === undefined || wantedClass === DBInstanceClass);
  const { items, marker } = page(wanted, input);
  return { Marker: marker, OrderableDBInstanceOptions: items };
}

function describeVersions(account: Account, input: DescribeDBEngineVersionsMessage): DBEngineVersionMessage {
  const { Engine: engine, EngineVersion: version, DBParameterGroupFamily: family, DefaultOnly: defaultOnly } = input;
  const all = account.options.engineVersions;
  const wanted = filtered(all, input.Filters, {
    'engine': () => ['aurora-mysql'],
    'engine-version': (entry) => [entry.version],
    'db-parameter-group-family': (entry) => [entry.family],
    'engine-mode': () => ['provisioned'],
    'status': (entry) => [statusOf(entry)],
  }).filter((entry) => (engine === undefined || engine === 'aurora-mysql')
    && (version === undefined || entry.version === version || entry.version.startsWith(`${version}.`))
    && (family === undefined || entry.family === family)
    && (input.IncludeAll === true || !entry.isDeprecated));
  const listed = defaultOnly ? wanted.filter((entry) => !entry.isDeprecated).slice(-1) : wanted;
  const { items, marker } = page(listed, input);
  return { Marker: marker, DBEngineVersions: items.map((entry) => view(all, entry)) };
}

function view(all: readonly EngineVersionEntry[], entry: EngineVersionEntry): DBEngineVersion {
  return {
    Engine: 'aurora-mysql',
    MajorEngineVersion: majorOf(entry.version),
    EngineVersion: entry.version,
    DBParameterGroupFamily: entry.family,
    DBEngineDescription: 'Aurora MySQL',
    DBEngineVersionDescription: `Aurora MySQL ${entry.version}`,
    Status: statusOf(entry),
    SupportedEngineModes: ['provisioned'],
    SupportedFeatureNames: [],
    SupportsReadReplica: false,
    // like AWS, an upgrade to a version that cannot be created any more is not offered.
    ValidUpgradeTarget: all.filter((target) => entry.upgradeTargets.includes(target.version) && !target.isDeprecated).map((target) => ({
      Engine: 'aurora-mysql',
      EngineVersion: target.version,
      Description: `Aurora MySQL ${target.version}`,
      AutoUpgrade: false,
      IsMajorVersionUpgrade: majorOf(target.version) !== majorOf(entry.version),
      SupportedEngineModes: ['provisioned'],
    })),
  };
}

const statusOf = (entry: EngineVersionEntry) => (entry.isDeprecated ? 'deprecated' : 'available');

const majorOf = (version: string) => version.split('.').slice(0, 2).join('.');
