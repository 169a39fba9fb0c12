import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type LambdaFunction, LambdaRunner, type LambdaRunnerOptions } from '../../../rehearsal/lambda/runner';
import { TaskError } from '../../../rehearsal/step-functions/errors';

const sleep = 'const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));';

let folder: string;
let runners: LambdaRunner[];
let lines: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lambda-runner-'));
  runners = [];
  lines = [];
});

afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.close()));
  fs.rmSync(folder, { recursive: true });
});

function givenFunction(code: string, settings: Partial<LambdaFunction> = {}): LambdaFunction {
  const name = settings.name ?? 'task';
  const codeDirectory = path.join(folder, name);
  fs.mkdirSync(codeDirectory);
  fs.writeFileSync(path.join(codeDirectory, 'index.js'), code);
  return {
    name,
    arn: `arn:aws:lambda:eu-central-1:123456789012:function:${name}`,
    codeDirectory,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 30,
    memoryMegabytes: 256,
    accessKeyId: 'ASIATASK',
    ...settings,
  };
}

function givenRunner(fn: LambdaFunction, options: Partial<LambdaRunnerOptions> = {}): LambdaRunner {
  const log = (_: string, line: string) => { lines.push(line); };
  const runner = new LambdaRunner({ functions: [fn], environment: { AWS_REGION: 'eu-central-1' }, log, ...options });
  runners.push(runner);
  return runner;
}

async function failureOf(promise: Promise<unknown>): Promise<{ error: string; cause: { errorType: string; errorMessage: string; trace?: string[] } }> {
  const error = await promise.then(() => { throw new Error('expected a failure'); }, (reason: unknown) => reason);
  if (!(error instanceof TaskError)) throw error;
  return { error: error.error, cause: JSON.parse(error.cause) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('results', () => {
  test('event and result go through JSON both ways', async () => {
    const fn = givenFunction('exports.handler = async (event) => ({ event, date: new Date(0), nothing: undefined });');
    const result = await givenRunner(fn).invoke('task', { a: [1, '𠮷'], gone: undefined, at: new Date(0) });
    const epoch = '1970-01-01T00:00:00.000Z';
    expect(result).toEqual({ event: { a: [1, '𠮷'], at: epoch }, date: epoch });
  });

  test('no result is null, and a function can be named by its ARN', async () => {
    const fn = givenFunction('exports.handler = async () => undefined;');
    expect(await givenRunner(fn).invoke(fn.arn, undefined)).toBeNull();
  });

  test('the context tells name, request and remaining time', async () => {
    const fn = givenFunction('exports.handler = async (_, c) => ({ ...c, remaining: c.getRemainingTimeInMillis() });');
    const context = await givenRunner(fn).invoke('task', {}) as { remaining: number };
    expect(context).toMatchObject({ functionName: 'task', functionVersion: '$LATEST', memoryLimitInMB: '256', invokedFunctionArn: fn.arn });
    expect(context.remaining).toBeGreaterThan(0);
    expect(context.remaining).toBeLessThanOrEqual(30_000);
  });

  test('every line of output is logged before the answer comes, also an unfinished one', async () => {
    const fn = givenFunction(`exports.handler = async () => {
      for (let i = 0; i < 500; i++) console.log('line ' + i);
      console.error('error');
      process.stdout.write('unfinished');
    };`);
    await givenRunner(fn).invoke('task', {});
    expect(lines).toHaveLength(502);
    expect(lines).toEqual(expect.arrayContaining(['line 0', 'line 499', 'error', 'unfinished']));
  });
});

describe('processes', () => {
  test('a warm process is reused, a second one started while it is busy', async () => {
    const fn = givenFunction(`${sleep} let count = 0;
      exports.handler = async (event) => { const n = ++count; await sleep(event.ms); return { pid: process.pid, n }; };`);
    const runner = givenRunner(fn);
    const first = await runner.invoke('task', { ms: 0 });
    const [second, third] = await Promise.all([runner.invoke('task', { ms: 200 }), runner.invoke('task', { ms: 200 })]) as { pid: number; n: number }[];
    expect(second).toEqual({ ...first as object, n: 2 });
    expect(third?.n).toBe(1);
    expect(third?.pid).not.toBe(second?.pid);
  });

  test('the environment holds what Lambda, the rehearsal and the function define, and PATH', async () => {
    process.env.LEAKED = 'secret';
    const fn = givenFunction('exports.handler = async () => process.env;', { environment: { CONTRACT: '1' } });
    const environment = { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_RDS: 'http://127.0.0.1:1' };
    const variables = await givenRunner(fn, { environment }).invoke('task', {});
    delete process.env.LEAKED;
    expect(Object.keys(variables as object).sort()).toEqual([
      'AWS_ACCESS_KEY_ID', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL_RDS', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'CONTRACT', 'HOME', 'LAMBDA_TASK_ROOT',
      'LANG', 'PATH', 'TZ', '_HANDLER',
    ]);
    expect(variables).toMatchObject({ AWS_ACCESS_KEY_ID: 'ASIATASK', CONTRACT: '1', PATH: process.env.PATH, AWS_ENDPOINT_URL_RDS: 'http://127.0.0.1:1' });
  });

  test('a reserved variable is refused', async () => {
    const fn = givenFunction('exports.handler = async () => 1;', { environment: { AWS_REGION: 'us-east-1' } });
    await expect(givenRunner(fn).invoke('task', {})).rejects.toThrow(/'task' sets AWS_REGION, which Lambda reserves/);
  });

  test('processes are started through the given scope, in a group of their own', async () => {
    const started: { command: string; options: SpawnOptions }[] = [];
    const scope = {
      spawn(command: string, args: string[], options: SpawnOptions): ChildProcess {
        started.push({ command, options });
        return spawn(command, args, options);
      },
    };
    const fn = givenFunction('exports.handler = async () => 1;');
    await givenRunner(fn, { scope }).invoke('task', {});
    expect(started).toEqual([{ command: process.execPath, options: expect.objectContaining({ detached: true, cwd: fn.codeDirectory }) }]);
  });

  test('close ends idle and busy processes; the invocation under way fails', async () => {
    const fn = givenFunction(`${sleep} exports.handler = async (event) => { await sleep(event.ms); return process.pid; };`);
    const runner = givenRunner(fn);
    const busy = runner.invoke('task', { ms: 60_000 });
    const idle = await runner.invoke('task', { ms: 0 }) as number;
    const busyPid = runner.running[0]?.pid ?? 0;
    const failure = failureOf(busy);
    await runner.close();
    expect((await failure).error).toBe('Runtime.ExitError');
    expect([isAlive(idle), isAlive(busyPid)]).toEqual([false, false]);
    await expect(runner.invoke('task', {})).rejects.toThrow(/runner is closed/);
  });

  test('functions end when the rehearsal is killed', async () => {
    const fn = givenFunction(`${sleep} exports.handler = async () => { console.log(process.pid); await sleep(60_000); };`);
    const runnerFile = path.resolve(__dirname, '../../../rehearsal/lambda/runner.ts');
    const script = path.join(folder, 'parent.ts');
    fs.writeFileSync(script, `import { LambdaRunner } from ${JSON.stringify(runnerFile)};
      const runner = new LambdaRunner({ functions: [${JSON.stringify(fn)}], environment: { AWS_REGION: 'eu-central-1' }, log: (_, line) => console.log(line) });
      void runner.invoke('task', {});`);
    const tsx = require.resolve('tsx');
    const parent = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => { parent.stdout.once('data', (data: Buffer) => resolve(Number(data))); });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});

describe('failures', () => {
  test('a thrown error keeps its name, message and trace; the process stays', async () => {
    const fn = givenFunction(`class PipelineChanged extends Error { constructor(m) { super(m); this.name = 'PipelineChanged'; } }
      exports.handler = async (event) => { if (event.fail) throw new PipelineChanged('start again'); return process.pid; };`);
    const runner = givenRunner(fn);
    const pid = await runner.invoke('task', {});
    const { error, cause } = await failureOf(runner.invoke('task', { fail: true }));
    expect(error).toBe('PipelineChanged');
    expect(cause).toEqual({ errorType: 'PipelineChanged', errorMessage: 'start again', trace: expect.arrayContaining(['PipelineChanged: start again']) });
    expect(await runner.invoke('task', {})).toBe(pid);
  });

  test('something else than an error is thrown', async () => {
    const fn = givenFunction(`exports.handler = async () => { throw 'text'; };`);
    expect(await failureOf(givenRunner(fn).invoke('task', {})))
      .toEqual({ error: 'string', cause: { errorType: 'string', errorMessage: 'text', trace: [] } });
  });

  test('a killed process is Runtime.ExitError, and the next invocation starts a new one', async () => {
    const fn = givenFunction(`${sleep} exports.handler = async (event) => { console.log('begun'); await sleep(event.ms); return process.pid; };`);
    const runner = givenRunner(fn);
    const failure = failureOf(runner.invoke('task', { ms: 60_000 }));
    await until(() => lines.includes('begun'));
    const running = runner.running[0];
    expect(running).toMatchObject({ functionName: 'task', payload: { ms: 60_000 }, startedAt: expect.any(Date) });
    const pid = running?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const { error, cause } = await failure;
    expect(error).toBe('Runtime.ExitError');
    expect(cause.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed$/);
    expect(runner.running).toEqual([]);
    expect(await runner.invoke('task', { ms: 0 })).not.toBe(pid);
  });

  test.each([
    ['process.exit(3)', 'Runtime exited with error: exit status 3'],
    ['process.exit(0)', 'Runtime exited without providing a reason'],
    ['const a = []; for (;;) a.push(new Array(1e5).fill(a.length + 0.5))', 'Runtime exited with error: signal: aborted'],
  ])('%s is Runtime.ExitError', async (statement, message) => {
    const fn = givenFunction(`exports.handler = async () => { ${statement}; };`, { memoryMegabytes: 128 });
    const { error, cause } = await failureOf(givenRunner(fn).invoke('task', {}));
    expect(error).toBe('Runtime.ExitError');
    expect(cause.errorMessage).toMatch(new RegExp(`Error: ${message}$`));
  });

  test.each([['await sleep(60_000)'], ['for (;;);']])('the time limit kills: %s', async (statement) => {
    const fn = givenFunction(`${sleep} exports.handler = async () => { console.log(process.pid); ${statement}; };`, { timeoutSeconds: 1 });
    const { error, cause } = await failureOf(givenRunner(fn).invoke('task', {}));
    expect(error).toBe('Sandbox.Timedout');
    expect(cause.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
    expect(isAlive(Number(lines[0]))).toBe(false);
  });

  test.each([
    ['exports.handler = async () => { const a = {}; a.a = a; return a; };', 'Runtime.JSONStringifyError', /^Unable to stringify response body$/],
    [`exports.handler = async () => 'x'.repeat(7e6);`, 'Function.ResponseSizeTooLarge', /^Response payload size \(7000002 bytes\) exceeded/],
    ['exports.other = 1;', 'Runtime.HandlerNotFound', /^index.handler is undefined or not exported$/],
    ['exports.handler = (event, context, callback) => callback(null, 1);', 'Runtime.CallbackHandlerDeprecated', /callback/],
    [`require('no-such-package');`, 'Runtime.ImportModuleError', /^Error: Cannot find module 'no-such-package'/],
    ['exports.handler = (', 'Runtime.UserCodeSyntaxError', /^SyntaxError/],
    [`throw new TypeError('at load');`, 'TypeError', /^at load$/],
    [`exports.handler = async () => { Promise.reject(new Error('forgotten')); await new Promise(() => {}); };`,
      'Runtime.UnhandledPromiseRejection', /^Error: forgotten$/],
    [`exports.handler = async () => { setTimeout(() => { throw new RangeError('late'); }); await new Promise(() => {}); };`, 'RangeError', /^late$/],
  ])('%s', async (code, error, message) => {
    const failure = await failureOf(givenRunner(givenFunction(code)).invoke('task', {}));
    expect(failure).toMatchObject({ error, cause: { errorType: error, errorMessage: expect.stringMatching(message) } });
  });

  test('too large a payload, an unknown function', async () => {
    const runner = givenRunner(givenFunction('exports.handler = async () => 1;'));
    expect(await failureOf(runner.invoke('task', 'x'.repeat(7e6)))).toMatchObject({ error: 'Lambda.RequestTooLargeException' });
    expect(await failureOf(runner.invoke('other', {}))).toMatchObject({ error: 'Lambda.ResourceNotFoundException' });
  });

  test('aborting ends the wait, not the function', async () => {
    const fn = givenFunction(`${sleep} exports.handler = async () => { console.log('begun'); await sleep(300); console.log('finished'); };`);
    const runner = givenRunner(fn);
    const controller = new AbortController();
    const invocation = runner.invoke('task', {}, controller.signal);
    await until(() => lines.includes('begun'));
    controller.abort(new Error('execution stopped'));
    await expect(invocation).rejects.toThrow('execution stopped');
    expect(runner.running).toHaveLength(1);
    await until(() => lines.includes('finished'));
    await until(() => runner.running.length === 0);
  });
});

describe('injected faults', () => {
  const code = `${sleep} exports.handler = async (event) => { console.log('begun'); await sleep(event.ms); console.log('finished'); return 1; };`;

  test('an error instead of the invocation', async () => {
    const runner = givenRunner(givenFunction(code));
    runner.onInvoke = ({ functionName }) => { throw new TaskError('Lambda.TooManyRequestsException', JSON.stringify({ functionName })); };
    await expect(runner.invoke('task', { ms: 0 })).rejects.toMatchObject({ error: 'Lambda.TooManyRequestsException', cause: '{"functionName":"task"}' });
    expect(lines).toEqual([]);
  });

  test('the process is killed after some time', async () => {
    const runner = givenRunner(givenFunction(code), { onInvoke: () => ({ killAfterMilliseconds: 100 }) });
    expect(await failureOf(runner.invoke('task', { ms: 60_000 }))).toMatchObject({ error: 'Runtime.ExitError' });
    expect(lines).not.toContain('finished');
  });

  test('the work is done, but the answer lost', async () => {
    const faults = [{ loseAnswer: true } as const];
    const runner = givenRunner(givenFunction(code), { onInvoke: () => faults.pop() });
    const { cause } = await failureOf(runner.invoke('task', { ms: 0 }));
    expect(cause.errorMessage).toMatch(/signal: killed$/);
    expect(lines).toEqual(['begun', 'finished']);
    expect(await runner.invoke('task', { ms: 0 })).toBe(1);
  });
});
