import { type Accounts, accountsOf } from '../../mysql/accounts';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

const LISTED = { most: 10 };

/**
 * Whoever may log in to Blue may log in to Green, with the same password and the same privileges. Aurora MySQL does not replicate CREATE USER, ALTER USER,
 * GRANT and the like, so a password that was rotated while Green exists would lock its clients out after the switchover (Aurora User Guide, "Replication
 * between Aurora and MySQL").
 */
export const accountsAsOnBlue: Check<GreenContext> = {
  id: 'accounts-as-on-blue',
  scopes: ['green', 'before-switchover'],
  acknowledgeable: true,
  unknown: 'warning',
  async run({ blue, green, situation, scope }) {
    const [before, after] = [await accountsOf(blue), await accountsOf(green)];
    const name = situation.target?.identifier;
    const problems: Problem[] = [];
    const missing = lackingIn(before, after);
    if (missing.length > 0) {
      problems.push({
        // there may be days until then, in which it can be mended beside the migration.
        severity: scope === 'green' ? 'warning' : 'blocker',
        message: `accounts have been made or changed on Blue since Green exists, which RDS does not replicate: on '${name}' ${someOf(missing, { ...LISTED, separator: '; ' })}. These clients would be locked out, or refused (1045, 1142), after the switchover. Do on Green's writer what was `
          + 'done on Blue (SHOW CREATE USER and SHOW GRANTS there tell what), with a user who has CONNECTION_ADMIN and CREATE USER; or acknowledge this',
      });
    }
    const left = leftIn(before, after);
    if (left.length > 0) {
      problems.push({
        severity: 'warning',
        message: `what was taken away on Blue since Green exists is still there on '${name}': ${someOf(left, { ...LISTED, separator: '; ' })}. RDS does not replicate DROP USER, REVOKE and ACCOUNT LOCK: repeat them on Green's writer`,
      });
    }
    return problems;
  },
};

/** What a client of Blue would miss on Green. */
function lackingIn(blue: Accounts, green: Accounts): string[] {
  return [...blue.known].flatMap(([account, facts]) => {
    const there = green.known.get(account);
    if (there === undefined) return [`${account} does not exist`];
    // an upgrade may give an account another way to prove itself.
    const hasOtherSecret = there.secret !== facts.secret && (there.plugin === facts.plugin || blue.version === green.version);
    const lost = differenceOf(blue, green, account);
    return [
      ...hasOtherSecret ? [`${account} has another password`] : [],
      ...there.isLocked && !facts.isLocked ? [`${account} is locked`] : [],
      ...lost.length > 0 ? [`${account} lacks ${someOf(lost)}`] : [],
    ];
  });
}

/** What nobody may do on Blue any more, and somebody could on Green. */
function leftIn(blue: Accounts, green: Accounts): string[] {
  return [...green.known].flatMap(([account, facts]) => {
    const there = blue.known.get(account);
    if (there === undefined) return [`${account} exists`];
    const left = differenceOf(green, blue, account);
    return [...there.isLocked && !facts.isLocked ? [`${account} is not locked`] : [], ...left.length > 0 ? [`${account} has ${someOf(left)}`] : []];
  });
}

/** Privileges an account has on one side only; another version has other global ones, and RDS gives its own roles with an upgrade. */
function differenceOf(one: Accounts, other: Accounts, account: string): string[] {
  const there = other.privileges.get(account);
  const isUpgrade = one.version !== other.version;
  return [...one.privileges.get(account) ?? []].filter((privilege) => !there?.has(privilege) && !(isUpgrade && (privilege.endsWith(' ON *.*') || /^(?:DEFAULT )?ROLE /.test(privilege))));
}
