import { type ColumnType } from './column';
import { anyRow, combined, type Comparison, type Effect, type Fit, type Settings } from './verdict';

type Of<Kind extends ColumnType['kind']> = Extract<ColumnType, { kind: Kind }>;

/** TINYINT to BIGINT: row events have the bytes, and not the sign. */
export function compareIntegers(from: Of<'integer'>, to: Of<'integer'>): Comparison {
  const fit = fitOf(from.bytes, to.bytes);
  return { fit, about: `${signed(from)} into ${signed(to)}`, effect: (settings) => (fit === 'same' ? reinterpreted(from, to) : converted(from, to, settings)) };
}

/** The same width: the bits stay, and mean something else with another sign. */
function reinterpreted(from: Of<'integer'>, to: Of<'integer'>): Effect | undefined {
  if (from.unsigned === to.unsigned) return undefined;
  if (from.unsigned) return topBit(from, 'become negative');
  return negative('become large positive ones');
}

function converted(from: Of<'integer'>, to: Of<'integer'>, settings: Settings): Effect | undefined {
  if (from.bytes > to.bytes) {
    return !from.unsigned && settings.readsUnsigned ? negative('become large positive ones, because ALL_UNSIGNED is in effect') : {
      verdict: 'DEPENDS_ON_DATA',
      reason: `with ALL_LOSSY, numbers beyond the range of ${signed(to)} are cut to its ends without an error`,
      remedy: 'make the column narrower only after the switchover',
      query: anyRow(`{column} NOT BETWEEN ${lowest(to)} AND ${highest(to)}`),
    };
  }
  if (from.unsigned) return settings.readsUnsigned ? undefined : topBit(from, to.unsigned ? 'become 0' : 'become negative');
  if (settings.readsUnsigned) {
    return {
      ...negative('become large positive ones, because ALL_UNSIGNED is in effect'),
      remedy: 'take ALL_UNSIGNED out of replica_type_conversions; signed and unsigned columns cannot be widened in one deployment, unless the unsigned ones hold small numbers',
    };
  }
  return to.unsigned ? negative('become 0') : undefined;
}

function negative(become: string): Effect {
  return {
    verdict: 'CORRUPTS',
    reason: `negative numbers ${become}, without an error: row events have no sign`,
    remedy: 'keep the sign of the column, or change it after the switchover',
    query: anyRow('{column} < 0'),
  };
}

function topBit(from: Of<'integer'>, become: string): Effect {
  const half = 1n << BigInt(from.bytes * 8 - 1);
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: `numbers from ${half} on ${become}, without an error: row events have no sign, and the applier takes them for signed`,
    remedy: 'make sure that the column never holds such numbers before the switchover, or, if no signed column is widened, use ALL_UNSIGNED too',
    query: anyRow(`{column} >= ${half}`),
  };
}

/** DECIMAL: the applier compares the precision first, and the scale only where that is equal. */
export function compareDecimals(from: Of<'decimal'>, to: Of<'decimal'>): Comparison {
  const fit = from.precision === to.precision ? fitOf(from.scale, to.scale) : fitOf(from.precision, to.precision);
  return {
    fit,
    about: `DECIMAL(${from.precision},${from.scale}) into DECIMAL(${to.precision},${to.scale})`,
    effect: () => combined(fewerDigits(from, to), signLost(from.unsigned, to.unsigned)),
  };
}

function fewerDigits(from: Of<'decimal'>, to: Of<'decimal'>): Effect | undefined {
  const whole = to.precision - to.scale;
  const conditions = [
    ...from.precision - from.scale > whole ? [`ABS({column}) >= 1e${whole}`] : [],
    ...from.scale > to.scale ? [`{column} <> TRUNCATE({column}, ${to.scale})`] : [],
  ];
  if (conditions.length === 0) return undefined;
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: 'Green has fewer digits before or behind the point: the applier cuts or rounds what does not fit, without an error',
    remedy: 'let neither the digits before the point nor those behind it become fewer',
    query: anyRow(conditions.join(' OR ')),
  };
}

/** FLOAT and DOUBLE. */
export function compareFloats(from: Of<'float'>, to: Of<'float'>): Comparison {
  const fit = fitOf(from.name === 'FLOAT' ? 4 : 8, to.name === 'FLOAT' ? 4 : 8);
  return {
    fit,
    about: `${from.name}${from.digits} into ${to.name}${to.digits}`,
    effect: () => {
      if (fit === 'shrinks') return lossy('a DOUBLE has digits that a FLOAT has not');
      if (from.digits !== to.digits) return lossy('digits that are fixed, FLOAT(M,D), change: what becomes of the values is not known');
      return signLost(from.unsigned, to.unsigned);
    },
  };
}

/** Between DECIMAL and FLOAT or DOUBLE, in either direction: accepted with ALL_LOSSY. */
export function compareFractions(from: string, to: string): Comparison {
  return { fit: 'shrinks', about: `${from} into ${to}`, effect: () => lossy('exact and inexact numbers are not the same') };
}

/** BIT. */
export function compareBits(from: Of<'bit'>, to: Of<'bit'>): Comparison {
  const fit = fitOf(from.bits, to.bits);
  return { fit, about: `BIT(${from.bits}) into BIT(${to.bits})`, effect: () => (fit === 'shrinks' ? lossy('bits are lost') : undefined) };
}

/** What ALL_LOSSY lets pass. */
export function lossy(why: string): Effect {
  return { verdict: 'CORRUPTS', reason: `${why}, and replication goes on without an error`, remedy: 'make such a change after the switchover' };
}

function signLost(from: boolean, to: boolean): Effect | undefined {
  return !from && to ? { ...negative('arrive in a column that may not hold them, or as 0'), verdict: 'DEPENDS_ON_DATA' } : undefined;
}

/** How two sizes of one type fit. */
export function fitOf(from: number, to: number): Fit {
  if (from === to) return 'same';
  return from < to ? 'grows' : 'shrinks';
}

function lowest({ bytes, unsigned }: Of<'integer'>): bigint {
  return unsigned ? 0n : -(1n << BigInt(bytes * 8 - 1));
}

function highest({ bytes, unsigned }: Of<'integer'>): bigint {
  return (1n << BigInt(unsigned ? bytes * 8 : bytes * 8 - 1)) - 1n;
}

function signed({ name, unsigned }: Of<'integer'>): string {
  return unsigned ? `${name} UNSIGNED` : name;
}
