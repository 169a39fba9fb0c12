import { type Family } from './parameter-catalogue';

/** An engine version of Aurora MySQL. */
export interface EngineVersionEntry {
  /** For example `8.0.mysql_aurora.3.10.1`. */
  readonly version: string;
  readonly family: Family;
  /** Versions that a cluster of this version may be upgraded to. */
  readonly upgradeTargets: readonly string[];
  /** A deprecated version still runs, cannot be created any more, and is listed only with `IncludeAll`. */
  readonly isDeprecated: boolean;
}

const V2_OLD = '5.7.mysql_aurora.2.07.2';
const V2 = ['5.7.mysql_aurora.2.11.6', '5.7.mysql_aurora.2.12.5'];
const V3 = ['8.0.mysql_aurora.3.04.4', '8.0.mysql_aurora.3.08.2', '8.0.mysql_aurora.3.10.1', '8.0.mysql_aurora.3.12.0'];
const V84 = ['8.4.mysql_aurora.8.4.7', '8.4.mysql_aurora.8.4.8'];

/** A selection of versions in the pattern of the real list: upgrades go to later versions of the same and of the next major version. */
export const ENGINE_VERSIONS: readonly EngineVersionEntry[] = [
  { version: V2_OLD, family: 'aurora-mysql5.7', isDeprecated: true, upgradeTargets: [...V2, ...V3] },
  ...V2.map((version, index) => ({ version, family: 'aurora-mysql5.7' as const, isDeprecated: false, upgradeTargets: [...V2.slice(index + 1), ...V3] })),
  ...V3.map((version, index) => ({ version, family: 'aurora-mysql8.0' as const, isDeprecated: false, upgradeTargets: [...V3.slice(index + 1), ...V84] })),
  ...V84.map((version, index) => ({ version, family: 'aurora-mysql8.4' as const, isDeprecated: false, upgradeTargets: V84.slice(index + 1) })),
];

const SIZES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '16xlarge'];

/**
 * A selection of the classes that instances of a version can have. Version 3 has lost the old ones.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Compare-v2-v3.html
 */
export function instanceClassesOf({ family }: EngineVersionEntry): string[] {
  const families = ['db.r5', 'db.r6g', 'db.r7g', ...family === 'aurora-mysql5.7' ? ['db.r4'] : []];
  const small = ['db.t3.medium', 'db.t4g.medium', 'db.serverless', ...family === 'aurora-mysql5.7' ? ['db.t3.small'] : []];
  return [...families.flatMap((name) => SIZES.map((size) => `${name}.${size}`)), ...small];
}
