import { type ColumnType } from './column';
import { fitOf, lossy } from './numbers';
import { anyRow, type Comparison, type Effect } from './verdict';

type Of<Kind extends ColumnType['kind']> = Extract<ColumnType, { kind: Kind }>;

/** ENUM and SET: row events have the number of a member, or a bit for it. */
export function compareMembers(from: Of<'members'>, to: Of<'members'>): Comparison {
  const about = `${from.name} of ${from.members.length} members into ${to.name} of ${to.members.length}`;
  if (from.name !== to.name) return never(about);
  const fit = fitOf(memberBytes(from), memberBytes(to));
  return { fit, about, effect: () => otherMembers(from, to) };
}

function otherMembers(from: Of<'members'>, to: Of<'members'>): Effect | undefined {
  const different = from.members.findIndex((member, index) => index < to.members.length && member !== to.members[index]);
  if (different >= 0) {
    return {
      verdict: 'CORRUPTS',
      reason: `member ${different + 1} is '${from.members[different]}' on Blue and '${to.members[different]}' on Green: row events have its number only`,
      remedy: 'add members at the end only, and neither rename, move nor remove one',
    };
  }
  if (from.members.length <= to.members.length) return undefined;
  const gone = from.members.slice(to.members.length).map(quoted);
  const conditions = from.name === 'ENUM' ? [`{column} IN (${gone.join(', ')})`] : gone.map((member) => `FIND_IN_SET(${member}, {column})`);
  return {
    verdict: 'DEPENDS_ON_DATA',
    reason: `Green has no member ${gone.join(', ')}: a row that has it arrives with another value, or not at all`,
    remedy: 'remove members after the switchover',
    query: anyRow(conditions.join(' OR ')),
  };
}

function memberBytes({ name, members }: Of<'members'>): number {
  if (name === 'ENUM') return members.length < 256 ? 1 : 2;
  const bytes = Math.ceil(members.length / 8);
  return bytes > 4 ? 8 : bytes;
}

function quoted(member: string): string {
  return `'${member.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`;
}

/** DATE, TIME, DATETIME, TIMESTAMP, YEAR: one type is never taken for another, and digits of a fraction only where they take as many bytes. */
export function compareTemporals(from: Of<'temporal'>, to: Of<'temporal'>): Comparison {
  const about = `${from.name}${digits(from)} into ${to.name}${digits(to)}`;
  const sameBytes = Math.ceil(from.fraction / 2) === Math.ceil(to.fraction / 2);
  if (from.name !== to.name || !sameBytes) return never(about);
  return {
    fit: 'same',
    about,
    effect: () => (from.fraction <= to.fraction ? undefined : {
      verdict: 'DEPENDS_ON_DATA',
      reason: `digits behind the ${to.fraction}th of a fraction are stored and not shown`,
      remedy: 'let a fraction keep its digits',
      query: anyRow(`MICROSECOND({column}) % ${10 ** (6 - to.fraction)} <> 0`),
    }),
  };
}

function digits({ fraction }: Of<'temporal'>): string {
  return fraction === 0 ? '' : `(${fraction})`;
}

/** POINT and the other spatial types are one type to the applier, which does not look into them. */
export function compareSpatials(from: Of<'spatial'>, to: Of<'spatial'>): Comparison {
  const effect = (): Effect | undefined => {
    if (from.name !== to.name && to.name !== 'GEOMETRY') return lossy(`a ${from.name} is stored in a column for ${to.name}`);
    return to.srid === null || from.srid === to.srid ? undefined : lossy(`values are not all of the SRID ${to.srid} that Green asks for`);
  };
  return { fit: 'same', about: `${from.name} into ${to.name}`, effect };
}

/** What no setting makes possible. */
export function never(about: string): Comparison {
  return { fit: 'never', about, effect: () => undefined };
}
