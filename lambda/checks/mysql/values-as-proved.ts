import { answerTo, keptQuestions, type Question } from '../../migration/questions';
import { type Session } from '../../mysql/session';
import { property } from '../../shared/errors';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

/** How long Blue may be asked altogether. */
const SECONDS = 60;
/** No such database, no such table. */
const MISSING = [1049, 1146];
/** No such column: it has another name now, or is gone. */
const NO_COLUMN = 1054;

/**
 * Where certain values arrive on Green as others, Blue is asked again whether it has any: *Plan Migration* has asked Green, which may have been behind, and
 * they may have been written since.
 */
export const valuesAsProved: Check<GreenContext> = {
  id: 'values-as-proved',
  scopes: ['before-switchover'],
  async run({ blue, green }) {
    const questions = await keptQuestions(green);
    const [found, unknown]: [Question[], Question[]] = [[], []];
    const deadline = Date.now() + SECONDS * 1000;
    for (const question of questions) {
      const answer = await answerOfBlue(blue, question, (deadline - Date.now()) / 1000);
      if (answer !== false) (answer === undefined ? unknown : found).push(question);
    }
    const problems: Problem[] = [];
    if (found.length > 0) {
      problems.push({
        severity: 'blocker',
        message: `Blue has values that do not arrive on Green as they are: ${listOf(found)}. They were written after the migration was planned, or Green had not got them by then, and what Green has in their place is wrong, without any error. Change them on Blue, `
          + 'which replication carries over, and start a new execution with {}, which compares everything again; where they are needed, give this Green up (an execution with { "action": "abandon" }) and change the Migration',
      });
    }
    if (unknown.length > 0) {
      problems.push({
        severity: 'warning',
        message: `whether this is so on Blue is not known, because it was not answered within ${SECONDS} s, or the column has another name by now: ${listOf(unknown)}. There were no such values when the migration was planned; see that none have been written since`,
      });
    }
    return problems;
  },
};

/** @returns undefined where it takes too long, or there is no such column. */
async function answerOfBlue(blue: Session, { query }: Question, seconds: number): Promise<boolean | undefined> {
  // the query comes out of the ledger, which stands on Green: whatever it says, Blue is only read.
  await blue.run('START TRANSACTION READ ONLY');
  try {
    return await answerTo(blue, query, seconds);
  } catch (thrown) {
    const errno = Number(property(thrown, 'errno'));
    if (errno === NO_COLUMN) return undefined;
    // a table that is gone from Blue has no values; that it is gone, others say.
    if (MISSING.includes(errno)) return false;
    throw thrown;
  } finally {
    await blue.run('ROLLBACK');
  }
}

function listOf(questions: readonly Question[]): string {
  return someOf(questions.map(({ schema, name, trouble }) => `${schema}.${name}: ${trouble}`), { separator: '. ' });
}
