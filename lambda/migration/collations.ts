/** Character sets whose bytes mean the same in utf8mb4, so that row events stay right while Green is already converted and Blue is not. */
const BYTE_COMPATIBLE = ['utf8', 'utf8mb3', 'ascii'];

/** Whether a column of this character set can be converted while replication runs. */
export function convertsSafely(characterSet: string): boolean {
  return BYTE_COMPATIBLE.includes(characterSet);
}

/** Whether a column of this character set stays as it is. */
export function staysAsItIs(characterSet: string): boolean {
  return characterSet === 'utf8mb4' || characterSet === 'binary';
}

/**
 * The collation a column gets: that of the same family (`utf8mb3_unicode_ci` → `utf8mb4_unicode_ci`), never the server's default, unless
 * the user has named another. Names of MySQL 5.7 (`utf8_…`) count as utf8mb3.
 *
 * @returns the collation as it is for utf8mb4 and binary.
 */
export function targetCollation(collation: string, chosen: Readonly<Record<string, string>>): string {
  if (staysAsItIs(collation.split('_', 1)[0] ?? '')) return collation;
  const named = chosen[collation] ?? chosen[collation.replace(/^utf8_/, 'utf8mb3_')] ?? chosen[collation.replace(/^utf8mb3_/, 'utf8_')];
  return named ?? collation.replace(/^[^_]+_/, 'utf8mb4_');
}
