import { collect, type Finding, inLines, inText, type Severity } from '../../../lambda/shared/findings';

function findings(count: number, severity: Severity = 'blocker', message = 'found'): Finding[] {
  return Array.from({ length: count }, (_, index) => ({ id: `check-${index}`, severity, message }));
}

describe('collect', () => {
  test('puts blockers before warnings before notes', () => {
    const { findings: collected, blockers, warnings } = collect([...findings(1, 'note'), ...findings(2, 'warning'), ...findings(3, 'blocker')]);

    expect(collected.map(({ severity }) => severity)).toEqual(['blocker', 'blocker', 'blocker', 'warning', 'warning', 'note']);
    expect([blockers, warnings]).toEqual([3, 2]);
  });

  test('keeps 20 findings, counts all of them, and says how many it left out', () => {
    expect(collect(findings(53))).toMatchObject({ blockers: 53, omitted: 33, findings: { length: 20 } });
  });

  test('keeps 24 KB, also of text whose characters take three bytes', () => {
    const collected = collect(findings(20, 'blocker', 'あ'.repeat(1500)));

    expect(Buffer.byteLength(JSON.stringify(collected.findings))).toBeLessThan(25_000);
    expect(collected.findings.length + collected.omitted).toBe(20);
  });

  test('shortens a message of more than 2,000 characters instead of leaving it out', () => {
    const [finding] = collect(findings(1, 'blocker', 'x'.repeat(50_000))).findings;
    expect(finding?.message).toMatch(/^x{2000} …$/);
  });

  test('never drops a blocker in favour of a warning', () => {
    const collected = collect([...findings(20, 'warning'), ...findings(20, 'blocker')]);
    expect(collected.findings.every(({ severity }) => severity === 'blocker')).toBe(true);
  });
});

describe('what is acknowledged', () => {
  const acknowledged = [...findings(1, 'blocker', 'expected'), ...findings(1, 'warning', 'known')].map((finding) => ({ ...finding, acknowledged: true as const }));

  test('counts no more, and stands behind what is not', () => {
    const { blockers, warnings, findings: collected } = collect([...acknowledged, ...findings(1, 'note', 'why'), ...findings(1, 'warning', 'slow')]);
    expect([blockers, warnings]).toEqual([0, 1]);
    expect(collected.map(({ message }) => message)).toEqual(['slow', 'expected', 'known', 'why']);
  });

  test('is still shown', () => {
    expect(inText(collect(acknowledged))).toBe('1. [blocker, acknowledged] check-0: expected\n2. [warning, acknowledged] check-0: known');
  });
});

describe('inText', () => {
  test('lists the findings of both zones, blockers first, numbered', () => {
    const text = inText(collect(findings(1, 'warning', 'slow')), collect(findings(1, 'blocker', 'missing')));
    expect(text).toBe('1. [blocker] check-0: missing\n2. [warning] check-0: slow');
  });

  test('stays small enough for an error where both zones are full', () => {
    const full = (message: string) => collect(findings(40, 'blocker', message.repeat(1100)));

    const text = inText(full('x'), full('y'));

    expect(text.length).toBeLessThan(25_000);
    expect(text).toMatch(/… and 60 more; all of them are in the logs/);
  });
});

describe('inLines', () => {
  test('has once what several scopes have found, what matters most first, and says how much is left out', () => {
    const early = collect([...findings(19, 'note', 'early'), ...findings(1, 'warning', 'always')]);
    const late = collect([...findings(1, 'warning', 'always'), ...findings(1, 'warning', 'late'), ...findings(3, 'note', 'late')]);
    const lines = inLines(early, late);
    expect(lines.slice(0, 3)).toEqual(['[warning] check-0: always', '[warning] check-0: late', '[note] check-0: early']);
    expect([lines.length, lines.at(-1)]).toEqual([21, '… and 4 more; all of them are in the logs of the checking functions.']);
  });
});
