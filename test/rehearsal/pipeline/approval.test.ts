import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Duration } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Comparison, RetireBlue } from '../../../lib';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { eventually } from '../mysql/eventually';
import { messageOf, openSmall } from './small';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:approvers';
const ROOT = path.join(__dirname, '..', '..', '..');

describe('the approval before the switchover, and before the old Blue is deleted', () => {
  let rehearsal: Rehearsal;
  const lines: string[] = [];

  beforeAll(async () => {
    rehearsal = await openSmall({
      log: (_, line) => lines.push(line),
      cluster: { deletionProtection: true },
      durations: { snapshot: 20, deleteInstance: 20, deleteCluster: 10, deleteDeployment: 20 },
      prepare: async (connection) => {
        await connection.query('CREATE TABLE shop.stamps (id INT PRIMARY KEY, word VARCHAR(20) CHARACTER SET utf8mb3)');
        await connection.query(`INSERT INTO shop.stamps VALUES (1, 'on Blue')`);
      },
      pipeline: (scope) => ({
        comparison: Comparison.sample({ share: 0.5 }),
        approval: { topic: sns.Topic.fromTopicArn(scope, 'Approvers', TOPIC), patience: Duration.minutes(30), validity: Duration.days(1) },
        retireBlue: RetireBlue.afterApproval({ removeDeletionProtection: true }),
      }),
    });
  }, 60_000);

  afterAll(() => rehearsal?.close());

  /** The n-th request (from 1), as soon as it is there. */
  async function request(count: number): Promise<string> {
    const ended = () => rehearsal.executions.at(-1)?.status !== 'RUNNING';
    await eventually(`request ${count} is published`, () => rehearsal.topics.messages.length >= count || ended());
    if (rehearsal.topics.messages.length < count) throw new Error(JSON.stringify(await rehearsal.executions.at(-1)?.finished));
    return rehearsal.topics.messages[count - 1]?.message ?? '';
  }

  /** Does what the message says. */
  async function answer(message: string, word: 'approve' | 'reject'): Promise<string> {
    const line = message.split('\n').find((one) => one.includes(`npx cdk-rds-blue-green ${word} `)) ?? '';
    const [, ...words] = line.trim().replace('"..."', 'not-on-a-Friday').split(' ').slice(1);
    const env = { ...process.env, AWS_ENDPOINT_URL_SFN: await rehearsal.tokenEndpoint(), AWS_ACCESS_KEY_ID: 'operator', AWS_SECRET_ACCESS_KEY: 'secret' };
    return (await promisify(execFile)(process.execPath, [path.join(ROOT, 'command', 'dist', 'index.js'), ...words], { env })).stdout.trim();
  }

  test('is not asked for while a sample differs; is refused, not answered, and given: only then is anything switched over, and only for the evidence that was approved', async () => {
    rehearsal.onTask = async (state) => {
      if (state === StateName.COMPARE_DATA) await rehearsal.green?.query(`UPDATE shop.stamps SET word = 'another'`);
    };
    const refused = rehearsal.start();
    expect(await refused.finished).toMatchObject({ error: 'DataDiffers', cause: expect.stringMatching(/shop\.stamps: 1 rows differ/) as string });
    rehearsal.onTask = undefined;
    await rehearsal.green?.query(`UPDATE shop.stamps SET word = 'on Blue'`);

    refused.redrive();
    const first = await request(1);
    expect(first).toMatch(/Everything is ready to switch 'shop' over/);
    expect(first).toMatch(/Comparison: +a sample of about 50 % of each table: (\d+) of \1 tables equal/);
    expect(first).toMatch(/NO WAY BACK BUT A SNAPSHOT/);
    expect(first).toContain(`executions/details/${refused.arn}`);
    expect(await answer(first, 'reject')).toMatch(/^rejected/);
    const refusal = await refused.finished;
    expect(refusal).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
    expect(messageOf(refusal)).toMatch(/was refused: not-on-a-Friday\. Nothing was switched over/);
    await expect(answer(first, 'approve')).rejects.toThrow(/not answered: the request is over/);

    refused.redrive();
    await request(2);
    expect(await refused.finished).toMatchObject({ status: 'FAILED', error: 'ApprovalTimedOut' });

    let changed = false;
    rehearsal.onTask = async (state) => {
      if (state !== StateName.READY_IN_RDS || changed) return;
      changed = true;
      const connection = await rehearsal.connect('shop');
      await connection.query('CREATE TABLE shop.latecomers (id INT PRIMARY KEY) CHARACTER SET utf8mb4');
      await connection.end();
    };
    const given = rehearsal.start();
    expect(await answer(await request(3), 'approve')).toMatch(/^approved/);
    const fourth = await request(4);
    expect(hashOf(fourth)).not.toBe(hashOf(first));
    await answer(fourth, 'approve');

    const fifth = await request(5);
    expect(fifth).toMatch(/The old Blue 'shop-old1' can be deleted, with 2 instances/);
    const late = await rehearsal.start({ action: 'abandon' }).finished;
    expect(late).toMatchObject({ status: 'FAILED', error: 'AbandonRefused' });
    expect(messageOf(late)).toMatch(/Green is production now.*nothing was touched/s);
    expect(rehearsal.rds.snapshots).toEqual([]);
    await answer(fifth, 'approve');
    expect(await given.finished).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        summary: expect.stringMatching(/was switched over.*and the old Blue .* was retired/) as string,
        comparedShare: 0.5,
        findings: expect.arrayContaining([expect.stringContaining('only a sample of about 50 % of each table is compared')]) as string[],
      },
    });

    const tokens = rehearsal.topics.messages.map(({ message }) => /--token (\S+)/.exec(message)?.[1] ?? '');
    expect(new Set(tokens).size).toBe(5);
    const states = rehearsal.executions.flatMap(({ history }) => history.filter(({ type }) => type.endsWith('StateEntered') || type.endsWith('StateExited')));
    for (const token of tokens) expect(JSON.stringify([lines, states])).not.toContain(token);
    // what had its deletion protection lifted is gone; production has kept its own.
    expect(rehearsal.rds.clusters.map(({ identifier, deletionProtection }) => [identifier, deletionProtection])).toEqual([['shop', true]]);
    expect(rehearsal.rds.snapshots).toMatchObject([{ status: 'available' }, { status: 'available' }]);
  }, 240_000);
});

function hashOf(message: string): string | undefined {
  return /Evidence: +(\w+)/.exec(message)?.[1];
}
