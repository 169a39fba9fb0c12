import { describeEngineVersion } from '../../rds/engine-versions';
import { mysqlVersionOf } from '../../shared/engine-version';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Green's version is one Blue can be upgraded to, and new enough for the migration engine. */
export const targetVersion: Check<RdsContext> = {
  id: 'target-version',
  scopes: ['preflight'],
  async run({ source, settings }) {
    if (source?.Engine === undefined || source.EngineVersion === undefined) return FINE;
    const target = settings.targetEngineVersion ?? source.EngineVersion;
    if (mysqlVersionOf(target) < 8) {
      return blocker(`Green would run '${target}', and the migration needs MySQL 8.0 or newer there (before 8.0 a crash in the middle of an ALTER is not atomic): set `
        + `targetEngineVersion, e.g. one of the valid upgrade targets of '${source.EngineVersion}'`);
    }
    if (target === source.EngineVersion) return FINE;
    const present = await describeEngineVersion(source.Engine, source.EngineVersion, true);
    const valid = present?.ValidUpgradeTarget?.map(({ EngineVersion }) => EngineVersion ?? '') ?? [];
    if (valid.includes(target)) return FINE;
    return blocker(`targetEngineVersion '${target}' is not a valid upgrade target of '${source.EngineVersion}': choose one of ${valid.join(', ') || '(RDS names none)'}`);
  },
};
