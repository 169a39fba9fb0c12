import { fewestBytes, readsAlike } from './character-sets';
import { type ColumnType } from './column';
import { fitOf, lossy } from './numbers';
import { never } from './others';
import { anyRow, combined, type Comparison, type Effect, type Fit } from './verdict';

type Of<Kind extends ColumnType['kind']> = Extract<ColumnType, { kind: Kind }>;
type Text = Of<'string'> | Of<'large'>;

/** Whether a value has a byte that is none of ASCII: each of these takes more than one in utf8mb4. CONVERT to ascii itself lets them pass. */
const NOT_ASCII = 'LENGTH(CONVERT(CONVERT(CAST({column} AS BINARY) USING latin1) USING utf8mb4)) <> LENGTH({column})';

/** CHAR, VARCHAR, TEXT and their binary kin. The applier compares numbers of bytes, and Green's character set says what they mean. */
export function compareStrings(from: Text, to: Text): Comparison {
  const fit = stringFit(from, to);
  const about = `${typeName(from)} (at most ${from.bytes} bytes) into ${typeName(to)} (${to.bytes} bytes)`;
  // a string of length 0 has no length in the row events; only NULL and the empty text are in it.
  if (from.bytes === 0 || to.bytes === 0) return shape(from) === shape(to) && from.bytes === to.bytes ? { fit: 'same', about, effect: () => undefined } : never(about);
  return { fit, about, effect: () => combined(fit === 'shrinks' ? cutBytes(to) : fewerCharacters(from, to), otherMeaning(from, to), otherPadding(from, to)) };
}

function stringFit(from: Text, to: Text): Fit {
  const fit = from.kind === 'large' && to.kind === 'large' ? fitOf(from.lengthBytes, to.lengthBytes) : fitOf(from.bytes, to.bytes);
  return fit === 'same' && shape(from) !== shape(to) ? 'converted' : fit;
}

/** Three types to the applier: one with a fixed length, one with a length before it, one outside of the row. */
function shape(type: Text): 'fixed' | 'varying' | 'large' {
  if (type.kind === 'large') return 'large';
  return type.fixed ? 'fixed' : 'varying';
}

function cutBytes(to: Text): Effect {
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: `with ALL_LOSSY, what is longer than ${typeName(to)} is cut without an error`,
    remedy: 'make the column shorter only after the switchover',
    query: anyRow(`LENGTH({column}) > ${to.bytes}${to.kind === 'string' ? ` OR CHAR_LENGTH({column}) > ${to.length}` : ''}`),
  };
}

function otherMeaning(from: Text, to: Text): Effect | undefined {
  if (to.characterSet === 'binary' || readsAlike(from.characterSet, to.characterSet)) return undefined;
  if (from.characterSet === 'binary') {
    return {
      verdict: 'DEPENDS_ON_DATA',
      reason: `the bytes are taken for ${to.characterSet}, also where they are no text of that character set`,
      remedy: `make sure that all values are ${to.characterSet}, or change the type after the switchover`,
      query: anyRow(to.characterSet === 'ascii' ? NOT_ASCII : `CONVERT({column} USING ${to.characterSet}) IS NULL OR CAST(CONVERT({column} USING ${to.characterSet}) AS BINARY) <> {column}`),
    };
  }
  if (from.characterSet === 'ascii') return lossy(`whether bytes of ascii mean the same in ${to.characterSet} is not known`);
  const ascii = fewestBytes(from.characterSet) === 1 && fewestBytes(to.characterSet) === 1;
  return {
    verdict: 'CORRUPTS',
    reason: `bytes of ${from.characterSet} are taken for ${to.characterSet}: '${ascii ? 'café' : 'a'}' becomes something else, without an error`,
    remedy: `convert the column from ${from.characterSet} on Blue before, or on the new production after the switchover`,
    ...ascii && { query: anyRow(NOT_ASCII) },
  };
}

/** More bytes and fewer characters: VARCHAR(30) of utf8mb3 has 90 bytes, VARCHAR(23) of utf8mb4 92. */
function fewerCharacters(from: Text, to: Text): Effect | undefined {
  if (to.kind === 'large') return undefined;
  const most = from.kind === 'large' ? Math.floor(from.bytes / fewestBytes(from.characterSet)) : from.length;
  if (to.characterSet === 'binary' || most <= to.length) return undefined;
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: `Green has room for ${to.length} characters, Blue for ${most}: a longer text is cut, or stored longer than the column allows, without an error`,
    remedy: `let the column have ${most} characters on Green, too`,
    query: anyRow(`CHAR_LENGTH({column}) > ${to.length}`),
  };
}

function otherPadding(from: Text, to: Text): Effect | undefined {
  const [before, after] = [shape(from) === 'fixed', shape(to) === 'fixed'];
  const [fromBinary, toBinary] = [from.characterSet === 'binary', to.characterSet === 'binary'];
  if (fromBinary !== toBinary && (before || after)) {
    return lossy('spaces or zero bytes are added to values or cut off, because one of the two is filled up to its length');
  }
  if (!after) return undefined;
  if (toBinary && from.bytes < to.bytes && before) return padded(to, 'LENGTH({column}) > 0');
  if (before) return undefined;
  return toBinary ? padded(to, `LENGTH({column}) < ${to.bytes}`) : {
    verdict: 'DEPENDS_ON_DATA',
    reason: 'CHAR forgets spaces at the end',
    remedy: 'keep VARCHAR',
    query: anyRow(`{column} LIKE '% '`),
  };
}

function padded(to: Text, condition: string): Effect {
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: `values shorter than ${to.bytes} bytes get zero bytes at their end`,
    remedy: 'keep the length, or use VARBINARY',
    query: anyRow(condition),
  };
}

function typeName(type: Text): string {
  const binary = type.characterSet === 'binary';
  if (type.kind === 'large') return `${['', 'TINY', '', 'MEDIUM', 'LONG'][type.lengthBytes] ?? ''}${binary ? 'BLOB' : `TEXT ${type.characterSet}`}`;
  const name = `${type.fixed ? '' : 'VAR'}${binary ? 'BINARY' : 'CHAR'}(${type.length})`;
  return binary ? name : `${name} ${type.characterSet}`;
}
