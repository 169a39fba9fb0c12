import { handler } from '../../../lambda/tasks/read-input';
import { configure, eventOf, stateOf } from '../shared/event';

async function refusal(input: unknown): Promise<string> {
  const error = await handler(eventOf({}, { input })).then(() => undefined, (thrown: Error) => thrown);
  expect(error?.name).toBe('InvalidInput');
  return error?.message ?? '';
}

describe('Read Input', () => {
  beforeEach(() => configure());

  test('returns the whole state with explicit nulls for {}', async () => {
    expect(await handler(eventOf({}, { input: {} }))).toEqual(stateOf());
  });

  test('lets an execution choose for itself', async () => {
    const { options } = await handler(eventOf({}, { input: { preflightOnly: true, switchoverTimeoutSeconds: 30, workers: 32, acknowledge: ['name-length'], switchoverWindow: 'ignore' } }));
    expect(options).toEqual({ action: 'run', preflightOnly: true, switchoverTimeoutSeconds: 30, workers: 32, acknowledge: ['name-length'], ignoreSwitchoverWindow: true });
  });

  test('acknowledges what the construct says where an execution says nothing, and nothing else where it does', async () => {
    configure({ acknowledge: ['primary-keys'] });
    expect((await handler(eventOf())).options.acknowledge).toEqual(['primary-keys']);
    expect((await handler(eventOf({}, { input: { acknowledge: [] } }))).options.acknowledge).toEqual([]);
  });

  test.each(['nmae-length', 'managed-password'])('refuses to acknowledge %s, and names what can be', async (id) => {
    expect(await refusal({ acknowledge: [id] })).toMatch(/'acknowledge\.0': should be the id of a check .*, name-length, /);
  });

  test('ignores what the console and AWS put into the input', async () => {
    const input = { Comment: 'Insert your JSON here', AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:…' };
    expect(await handler(eventOf({}, { input }))).toEqual(stateOf());
  });

  test('retires the old Blue only where the construct says how', async () => {
    expect(await refusal({ action: 'retire' })).toMatch(/'action': "retire" needs the property 'retireBlue' of the construct, such as RetireBlue\.onRequest\(\)/);
    configure({ retireBlue: { kind: 'onRequest', bakeSeconds: 0, asks: false, removesDeletionProtection: false, patienceSeconds: 3600 } });
    expect((await handler(eventOf({}, { input: { action: 'retire' } }))).options.action).toBe('retire');
    expect(await refusal({ action: 'retire', preflightOnly: true })).toMatch(/'preflightOnly' does not go with 'action'/);
  });

  test('refuses any other word for the switchover window', async () => {
    expect(await refusal({ switchoverWindow: 'none' })).toMatch(/'switchoverWindow': .*switchoverWindow: "ignore"/);
  });

  test('refuses all unknown keys and wrong values at once, and names the ones there are', async () => {
    const message = await refusal({ preflightonly: true, worker: 3, workers: '4', switchoverTimeoutSeconds: 29 });

    expect(message).toMatch(/unknown key 'preflightonly', unknown key 'worker'/);
    expect(message).toMatch(/'workers'/);
    expect(message).toMatch(/'switchoverTimeoutSeconds'/);
    expect(message).toMatch(/Nothing was touched.*the keys it may have are 'action', 'preflightOnly', 'switchoverTimeoutSeconds', 'workers', 'switchoverWindow', 'acknowledge'/);
  });

  test.each([
    [{ workers: 0 }], [{ workers: 33 }], [{ workers: 1.5 }], [{ workers: null }], [{ switchoverTimeoutSeconds: 3601 }], [{ preflightOnly: 'yes' }], [{ action: 'run' }],
    [{ action: 'abandon', preflightOnly: true }],
    [[]], ['{}'], [null], [7],
  ])('refuses %j', async (input) => {
    expect(await refusal(input)).toMatch(/the execution input is not valid/);
  });
});
