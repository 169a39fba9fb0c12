import { ErrorName } from '../../lib/private/contract';
import { read } from './pages';

/** Sections that are no error names. */
const OTHERS = ['First', 'Other names', 'Alarms'];

/** The sections of the runbook by their title. */
function sections(): Map<string, string> {
  const parts = read('docs/runbook.md').split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n'))]));
}

describe('docs/runbook.md', () => {
  test('has a section for each error name, and none without a name', () => {
    expect([...sections().keys()].filter((title) => !OTHERS.includes(title)).sort()).toEqual(Object.values(ErrorName).sort());
  });

  test.each(Object.values(ErrorName))('says of %s what happened, what is safe, what to do and how to continue', (name) => {
    const questions = [...(sections().get(name) ?? '').matchAll(/^\*\*(.*?)\.\*\*/gm)].map(([, question]) => question);
    expect(questions).toEqual(['What happened', 'What is safe', 'What to do', 'How to continue']);
  });
});
