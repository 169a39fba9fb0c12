import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from '../../scripts/stages';

/** Runs the command as npm does; resolves with what it printed and its exit code. */
function classify(words: readonly string[], input = ''): Promise<{ output: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'scripts', 'bootstrap.mjs'), 'scripts/classify.ts', ...words], { cwd: root });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ output, code }));
    child.stdin.end(input);
  });
}

test('npm run classify prints verdict and reason as JSON', async () => {
  const words = ['--from', 'VARCHAR(64) CHARACTER SET utf8mb3', '--to', 'VARCHAR(64) CHARACTER SET utf8mb4', '--conversions', 'ALL_NON_LOSSY'];
  const { output, code } = await classify(words);
  expect(JSON.parse(output)).toMatchObject({ verdict: 'SAFE', reason: expect.stringContaining('192 bytes') });
  expect(code).toBe(0);
});

test('npm run classify -- --stdin answers a line with a line, also one it cannot read', async () => {
  const lines = [
    JSON.stringify({ from: 'INT', to: 'BIGINT', conversions: '' }), 'nonsense', '', JSON.stringify({ from: 'INT', conversions: '' }),
    JSON.stringify({ from: 'INT', to: 'VARCHAR(10)', conversions: 'ALL_NON_LOSSY' }),
  ];
  const { output, code } = await classify(['--stdin'], lines.join('\n'));
  expect(output.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { verdict: 'NEEDS_CONVERSION', setting: 'ALL_NON_LOSSY' }, { error: expect.any(String) }, { error: expect.stringContaining('to') }, { verdict: 'STOPS' },
  ]);
  expect(code).toBe(1);
});

test('refuses to guess a definition that was not given', async () => {
  const { output, code } = await classify(['--from', 'INT']);
  expect(output).toContain('name both definitions');
  expect(code).toBe(1);
});
