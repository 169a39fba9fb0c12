/** The MySQL version inside an Aurora version string: `8.0.mysql_aurora.3.10.1` → `8.0`. */
export function mysqlVersionOf(engineVersion: string): number {
  const [major, minor] = engineVersion.split('.');
  return Number(`${major}.${minor}`);
}

/** The parameter group family of an Aurora MySQL version: `8.0.mysql_aurora.3.10.1` → `aurora-mysql8.0`. */
export function familyOfVersion(engineVersion: string): string {
  return `aurora-mysql${mysqlVersionOf(engineVersion).toFixed(1)}`;
}

/**
 * Which of two Aurora MySQL versions is the newer one: `8.0.mysql_aurora.3.10.1` is newer than `8.0.mysql_aurora.3.08.2`, and any of 8.4 than both.
 *
 * @returns below 0 where the first is older, above 0 where it is newer, 0 where they are the same.
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [numbersIn(one), numbersIn(other)];
  const index = left.findIndex((part, position) => part !== (right[position] ?? 0));
  return index === -1 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? 0);
}

function numbersIn(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
