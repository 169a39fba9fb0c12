import { describeEngineVersion, isOrderable } from '../../rds/engine-versions';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/**
 * Green's instances get the classes of Blue's, which RDS has to offer for both versions: an old class is often not there for a new version
 * (db.r4 and db.t3.small for Aurora MySQL 3).
 */
export const classCreatable: Check<RdsContext> = {
  id: 'class-creatable',
  scopes: ['preflight'],
  acknowledgeable: true,
  unknown: 'warning',
  async run({ source, settings, instancesOf }) {
    if (source?.Engine === undefined || source.EngineVersion === undefined) return [];
    const { Engine: engine, EngineVersion: present } = source;
    const classes = new Map<string, string[]>();
    for (const { DBInstanceClass: instanceClass = '', DBInstanceIdentifier: name = '' } of await instancesOf(source)) {
      classes.set(instanceClass, [...classes.get(instanceClass) ?? [], name]);
    }
    const problems: Problem[] = [];
    for (const [instanceClass, names] of classes) {
      for (const version of new Set([present, settings.targetEngineVersion ?? present])) {
        // of a version that cannot be created at all, another check speaks.
        if (await describeEngineVersion(engine, version) === undefined || await isOrderable(engine, version, instanceClass)) continue;
        problems.push({
          severity: 'blocker',
          message: `RDS does not offer class '${instanceClass}' (${names.map((name) => `'${name}'`).join(', ')}) for version '${version}' in this Region, and Green's instances have the classes of Blue's: Green would not come up. `
            + `Give Blue's instances a class that ${version === present ? 'is still offered' : 'both versions have'} (aws rds describe-orderable-db-instance-options --engine ${engine} --engine-version ${version}), then start again`,
        });
      }
    }
    return problems;
  },
};
