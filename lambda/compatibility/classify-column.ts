import { type Column, type ColumnType, parseColumn } from './column';
import { compareBits, compareDecimals, compareFloats, compareFractions, compareIntegers, lossy } from './numbers';
import { compareMembers, compareSpatials, compareTemporals, never } from './others';
import { compareStrings } from './strings';
import { anyRow, combined, type Comparison, type Effect, Settings, type Verdict } from './verdict';

/**
 * What row events of Blue's column do in Green's column of the same position.
 *
 * Holds for row-based replication with `binlog_row_image=FULL`, whatever the metadata in the events: the applier does not use it. What is
 * not known is refused.
 *
 * @param from Blue's column, or its definition as SHOW CREATE TABLE prints it; a text column that names no character set is utf8mb4.
 * @param to Green's.
 * @param conversions the value of `replica_type_conversions` (`slave_type_conversions`) in effect on Green.
 * @throws for a value that MySQL would refuse as `replica_type_conversions`.
 */
export function classifyColumn(from: Column | string, to: Column | string, conversions: string): Verdict {
  const [blue, green] = [asColumn(from), asColumn(to)];
  const settings = Settings.parse(conversions);
  if (blue.type === undefined) return notKnown(blue);
  if (green.type === undefined) return notKnown(green);
  const compared = compareTypes(blue.type, green.type);
  return judge({ ...compared, effect: (each) => combined(compared.effect(each), otherThanType(blue, green)) }, settings);
}

function asColumn(column: Column | string): Column {
  return typeof column === 'string' ? parseColumn(column) : column;
}

function notKnown({ text }: Column): Verdict {
  return { verdict: 'STOPS', reason: `not known: the definition '${text}' cannot be read`, remedy: 'write it as SHOW CREATE TABLE prints it, or change such a column after the switchover' };
}

function judge({ fit, about, effect }: Comparison, settings: Settings): Verdict {
  if (fit === 'never') {
    return { verdict: 'STOPS', reason: `${about} stops replication, whatever the setting: the applier does not convert between these two`, remedy: AFTERWARDS };
  }
  if (fit === 'shrinks' && !settings.has('ALL_LOSSY')) {
    return { verdict: 'STOPS', reason: `${about} stops replication: the value may not fit, and what ALL_LOSSY would let pass is cut without an error`, remedy: AFTERWARDS };
  }
  const accepted = fit === 'same' || fit === 'shrinks' || settings.has('ALL_NON_LOSSY');
  if (accepted) return effect(settings) ?? { verdict: 'SAFE', reason: safeReason(about, fit, settings) };
  const wanted = [settings.with('ALL_NON_LOSSY'), settings.with('ALL_NON_LOSSY', 'ALL_UNSIGNED')];
  const enough = wanted.find((each) => effect(each) === undefined);
  if (enough !== undefined) {
    const setting = enough.toString();
    return {
      verdict: 'NEEDS_CONVERSION', reason: `${about} is right with replica_type_conversions=${setting}, and stops replication without`,
      remedy: `set replica_type_conversions to ${setting} on Green before its tables are changed`, setting,
    };
  }
  const trouble = effect(settings.with('ALL_NON_LOSSY'));
  return {
    verdict: 'STOPS', reason: `${about} stops replication; with ALL_NON_LOSSY it would go on, but ${trouble?.reason ?? 'what becomes of the values is not known'}`,
    remedy: trouble?.remedy ?? AFTERWARDS, ...trouble?.query !== undefined && { query: trouble.query },
  };
}

const AFTERWARDS = 'make this change after the switchover, or on Blue before';

function safeReason(about: string, fit: Comparison['fit'], settings: Settings): string {
  return fit === 'same' ? `${about}: the bytes mean the same` : `${about} is converted truly with replica_type_conversions=${settings.toString()}, which is in effect`;
}

function compareTypes(from: ColumnType, to: ColumnType): Comparison {
  if (from.kind === 'integer' && to.kind === 'integer') return compareIntegers(from, to);
  if (from.kind === 'decimal' && to.kind === 'decimal') return compareDecimals(from, to);
  if (from.kind === 'float' && to.kind === 'float') return compareFloats(from, to);
  if (isFraction(from) && isFraction(to)) return compareFractions(from.kind === 'decimal' ? 'DECIMAL' : from.name, to.kind === 'decimal' ? 'DECIMAL' : to.name);
  if (from.kind === 'bit' && to.kind === 'bit') return compareBits(from, to);
  if (isText(from) && isText(to)) return compareStrings(from, to);
  if (from.kind === 'members' && to.kind === 'members') return compareMembers(from, to);
  if (from.kind === 'temporal' && to.kind === 'temporal') return compareTemporals(from, to);
  if (from.kind === 'spatial' && to.kind === 'spatial') return compareSpatials(from, to);
  if (from.kind === 'json' && to.kind === 'json') return unchanged('JSON');
  if (from.kind === 'vector' && to.kind === 'vector' && from.length === to.length) return unchanged('VECTOR');
  return never(`${family(from)} into ${family(to)}`);
}

function isFraction(type: ColumnType): type is Extract<ColumnType, { kind: 'decimal' | 'float' }> {
  return type.kind === 'decimal' || type.kind === 'float';
}

function isText(type: ColumnType): type is Extract<ColumnType, { kind: 'string' | 'large' }> {
  return type.kind === 'string' || type.kind === 'large';
}

function unchanged(name: string): Comparison {
  return { fit: 'same', about: `${name} into ${name}`, effect: () => undefined };
}

function family(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'temporal':
    case 'members':
    case 'spatial': return type.name;
    case 'string':
    case 'large': return type.characterSet === 'binary' ? 'a binary string' : 'a text';
    case 'decimal':
    case 'bit':
    case 'json':
    case 'vector': return type.kind.toUpperCase();
  }
}

/** What a definition says beside its type. */
function otherThanType(from: Column, to: Column): Effect | undefined {
  if (from.generated !== undefined || to.generated !== undefined) {
    const same = from.generated?.expression === to.generated?.expression && from.generated?.stored === to.generated?.stored;
    return same ? undefined : lossy('a generated column is computed on Green, or becomes one, and what becomes of Blue\'s value is not known');
  }
  if (!from.nullable || to.nullable) return undefined;
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: 'NULL becomes 0, an empty text or the default in a column that is NOT NULL, also in strict mode',
    remedy: 'make the column NOT NULL on Blue before, or after the switchover',
    query: anyRow('{column} IS NULL'),
  };
}
