import { GREEN_PARAMETERS } from '../../../lib/private/contract';
import { differences } from '../../rds/copied-group';
import { familyOf, parametersOf } from '../../rds/parameter-groups';
import { type Parameter } from '../../rds/types';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/** What Green needs to follow Blue, under all of its names, and what lets users write there: other checks look at these. */
const MEANT_FOR_GREEN: readonly string[] = [...GREEN_PARAMETERS.map(({ name }) => name), 'slave_type_conversions', 'slave_preserve_commit_order', 'slave_parallel_type', 'read_only'];

/** MySQL 8.0 and newer start only with the value their data was made with. */
const CASE_OF_NAMES = 'lower_case_table_names';
const LISTED = { most: 20 };

/** What is set in Blue's cluster parameter group is set in Green's, too: production runs with Green's after the switchover. */
export const parametersAsOnBlue: Check<RdsContext> = {
  id: 'parameters-as-on-blue',
  scopes: ['preflight', 'green', 'before-switchover'],
  unknown: 'warning',
  async run({ source, target, settings, scope }) {
    const blue = source?.DBClusterParameterGroup;
    const green = scope === 'preflight' ? settings.targetClusterParameterGroup : target?.DBClusterParameterGroup;
    // a group that is not there, or is Blue's own, another check refuses.
    if (blue === undefined || green === undefined || blue === green || await familyOf(green) === undefined) return [];
    const [before, after] = [await parametersOf(blue), await parametersOf(green)];
    const problems: Problem[] = [];
    const [wanted, present] = [before, after].map((parameters) => valueIn(parameters, CASE_OF_NAMES));
    // a Green that runs has the value it was made with.
    const wouldNotStart = scope === 'preflight' && wanted !== present;
    if (wouldNotStart) {
      problems.push({
        severity: 'blocker',
        message: `${CASE_OF_NAMES} is ${present} in '${green}' and ${wanted} in Blue's '${blue}': it can never be changed once the data is there, so Green would not start, or not find its tables. Set it to ${wanted} in '${green}'`,
      });
    }
    const { changed, dropped } = differences(before, after);
    const others = [
      ...dropped.map(({ name, value, why }) => `no ${name} (on Blue ${value}; ${why})`),
      ...changed.filter(({ name }) => !(wouldNotStart && name === CASE_OF_NAMES) && !MEANT_FOR_GREEN.includes(name)).map(({ name, from, to }) => `${name} ${to ?? 'as by default'} (on Blue ${from ?? 'the default'})`),
    ];
    if (others.length > 0) {
      problems.push({
        severity: 'warning',
        message: `cluster parameter group '${green}' of Green is unlike Blue's '${blue}': ${someOf(others, LISTED)}. Production runs with '${green}' after the switchover: set there what should stay as it is (what is static takes effect at a reboot, so do it before Green is made, `
          + 'or while no statement runs there)',
      });
    }
    return problems;
  },
};

function valueIn(parameters: ReadonlyMap<string, Parameter>, name: string): string {
  return parameters.get(name)?.ParameterValue ?? '0';
}
