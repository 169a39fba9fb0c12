import { command, oneTest, stage } from '../../scripts/stages';

const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'log').mockImplementation((text: string) => { printed.push(text); });
});
afterEach(() => { jest.restoreAllMocks(); });

test('counts commands that succeed as one passed test, and prints one line', async () => {
  const result = await stage('lint', () => oneTest(() => command('node', ['-e', 'console.log(1)']), () => command('node', ['-e', ''])));
  expect(result).toEqual({ passed: 1, failed: 0, output: '' });
  expect(printed).toEqual([expect.stringMatching(/^ok {6}lint +\d+\.\d s$/)]);
});

test('stops at the first command that fails, and shows its output', async () => {
  const never = jest.fn();
  const result = await stage('types', () => oneTest(() => command('node', ['-e', 'console.log("one"); console.error("two"); process.exit(2)']), never));
  expect(result).toMatchObject({ passed: 0, failed: 1 });
  expect(result.output).toContain('one');
  expect(result.output).toContain('two');
  expect(printed.join('\n')).toMatch(/^FAILED {2}types/);
  expect(never).not.toHaveBeenCalled();
});

test('counts a stage that throws as failed', async () => {
  expect(await stage('jest', () => Promise.reject(new Error('no such folder')))).toMatchObject({ passed: 0, failed: 1 });
});

test('passes complete lines on while the command runs', async () => {
  const lines: string[] = [];
  await command('node', ['-e', 'process.stdout.write("PASS a\\nPA"); process.stdout.write("SS b\\n")'], { onLine: (line) => lines.push(line) });
  expect(lines).toEqual(['PASS a', 'PASS b']);
});
