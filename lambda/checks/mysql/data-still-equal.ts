import { someOf } from '../../shared/lists';
import { lastLook } from '../../verification/last-look';
import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

/** What was written since the comparison, and a sample of the rest, is equal still. */
export const dataStillEqual: Check<GreenContext> = {
  id: 'data-still-equal',
  scopes: ['before-switchover'],
  async run({ blue, green, settings, situation }) {
    if (settings.comparison?.kind === 'off') return [];
    const { differences, tables, omitted, restless } = await lastLook({ blue, green }, situation.deployment?.identifier ?? '');
    const problems: Problem[] = differences.map((difference) => ({
      severity: 'blocker',
      message: `data differ in ${difference}, although they were equal when they were compared: somebody writes on Green, or replication does not carry everything over. Find out which before `
        + 'anything is switched over',
    }));
    if (omitted > 0) problems.push({ severity: 'note', message: `the last look before the switchover had time for ${tables} tables; ${omitted} were compared only earlier` });
    if (restless.length > 0) {
      problems.push({
        severity: 'warning',
        message: `every row of ${someOf(restless)} changed all the time while it was looked at, so none was seen to be equal on Blue and Green, nor different: compare them yourself, or stop writing to them for a `
          + 'moment and start a new execution with {}',
      });
    }
    return problems;
  },
};
