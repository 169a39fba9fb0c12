import { Duration } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { secondsUntilNextLook, secondsUntilNextMigrationLook } from '../lambda/shared/waiting';
import { RetireBlue } from '../lib';
import { Phase } from '../lib/private/contract';
import { TASKS } from '../lib/private/functions';
import { StateName } from '../lib/private/state-machine/names';
import { SimulatedClock } from '../rehearsal/clock';
import { StateMachine } from '../rehearsal/step-functions';
import { callsService, synthesizeDefinition } from '../test/lib/private/state-machine/definition-json';
import { type StateTaskName, taskResults } from '../test/lib/private/state-machine/task-results';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** How long the waits of an execution last, in seconds. */
interface Scenario {
  readonly name: string;
  readonly waits: Readonly<Record<string, number>>;
  /** Whether the pipeline asks before the switchover, and retires the old Blue. */
  readonly asks?: true;
}

const usual = { [StateName.WAIT_FOR_GREEN]: HOUR, [StateName.WAIT_FOR_REPLICATION]: HOUR, [StateName.COMPARE_DATA]: HOUR, [StateName.WAIT_FOR_SWITCHOVER]: 60 };

const SCENARIOS: readonly Scenario[] = [
  { name: '1 h of migration', waits: { ...usual, [StateName.RUN_MIGRATION]: HOUR } },
  { name: '45 h of migration, 44 h of lag', waits: { ...usual, [StateName.RUN_MIGRATION]: 45 * HOUR, [StateName.WAIT_FOR_REPLICATION]: 44 * HOUR, [StateName.COMPARE_DATA]: 6 * HOUR } },
  { name: '30 days of migration', waits: { ...usual, [StateName.RUN_MIGRATION]: 30 * DAY, [StateName.WAIT_FOR_REPLICATION]: DAY, [StateName.COMPARE_DATA]: DAY } },
  { name: '1 h, 7 days until approval and 7 more', asks: true, waits: { ...usual, [StateName.RUN_MIGRATION]: HOUR, [StateName.ASK_FOR_APPROVAL]: 7 * DAY, [StateName.WAIT_TO_RETIRE]: 7 * DAY } },
];

/**
 * USD in us-east-1, without free tiers. https://aws.amazon.com/step-functions/pricing/ and https://aws.amazon.com/lambda/pricing/ (Arm)
 */
const USD = { transition: 0.000025, gigabyteSecond: 0.0000133334, request: 0.0000002 };

/** What a call takes in seconds, estimated high: most answer within one. *Compare Data* works until its turn of ten minutes is over. */
const CALL_SECONDS = { rds: 2, mysql: 3, none: 0.5, comparison: 600, monitor: 0.5 };

/** What an execution has cost. */
export interface HistoryCost {
  readonly name: string;
  readonly events: number;
  readonly transitions: number;
  readonly lambdaSeconds: number;
  readonly usd: number;
}

/** Runs the synthesized machine on a clock that does not wait, and prints what executions of different lengths leave and cost. */
export async function benchHistory(): Promise<readonly HistoryCost[]> {
  const [plain, asking] = [synthesizeDefinition(), synthesizeDefinition((scope) => ({
    approval: { topic: sns.Topic.fromTopicArn(scope, 'Approvers', 'arn:aws:sns:eu-central-1:111122223333:approvers'), patience: Duration.days(8) },
    retireBlue: RetireBlue.after(Duration.days(7)),
  }))];
  const results = await taskResults();
  const costs: HistoryCost[] = [];
  for (const { name, waits, asks } of SCENARIOS) {
    const { json: definition, taskOf } = asks ? asking : plain;
    const clock = new SimulatedClock(new Date('2026-11-20T12:00:00.000Z'));
    const startedAt = new Map<string, number>();
    const looksAt = new Map<string, number>();
    let requests = 0;
    let monitorOnAt: number | undefined;
    let lambdaSeconds = 0;
    let gigabyteSeconds = 0;
    const machine = new StateMachine({
      definition,
      arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:pipeline',
      clock,
      tasks: async ({ resource, stateName, taskToken }) => {
        if (taskToken !== undefined) {
          await clock.sleep(waits[stateName] ?? 0);
          execution.sendTaskSuccess(taskToken, { approved: true });
        }
        if (callsService({ Type: 'Task', Resource: resource })) {
          if (stateName === StateName.MONITOR_ON) monitorOnAt = clock.now().getTime();
          if (stateName !== StateName.MONITOR_OFF || monitorOnAt === undefined) return {};
          const looks = Math.floor((clock.now().getTime() - monitorOnAt) / 60_000);
          requests += looks;
          lambdaSeconds += looks * CALL_SECONDS.monitor;
          gigabyteSeconds += looks * CALL_SECONDS.monitor * TASKS.monitor.memory / 1024;
          return {};
        }
        const task = taskOf(resource);
        const seconds = task === 'compare-data' ? CALL_SECONDS.comparison : CALL_SECONDS[TASKS[task].zone];
        requests += 1;
        lambdaSeconds += seconds;
        gigabyteSeconds += seconds * TASKS[task].memory / 1024;
        if (task === 'compare-data') await clock.sleep(seconds);
        const wait = waits[stateName];
        if (wait === undefined) return answerOf(task, stateName, results);
        const now = clock.now().getTime() / 1000;
        const began = startedAt.get(stateName) ?? now;
        startedAt.set(stateName, began);
        const left = began + wait - now;
        // an honest task knows how long it will take, once a part of it is done.
        const looks = 1 + (looksAt.get(stateName) ?? 0);
        looksAt.set(stateName, looks);
        const waitSeconds = waitOf(task, { elapsedSeconds: now - began, looks, remainingSeconds: now - began > wait / 50 ? left : undefined });
        return { ...results[task], done: left <= 0, waitSeconds, startedAt: new Date(began * 1000).toISOString() };
      },
    });
    const execution = machine.startExecution({ input: {} });
    const { status } = await execution.finished;
    if (status !== 'SUCCEEDED') throw new Error(`'${name}' has ended ${status}: ${JSON.stringify(await execution.finished)}`);
    const transitions = execution.history.filter(({ type }) => type.endsWith('StateEntered')).length;
    const usd = transitions * USD.transition + gigabyteSeconds * USD.gigabyteSecond + requests * USD.request;
    costs.push({ name, events: execution.history.length, transitions, lambdaSeconds: Math.round(lambdaSeconds), usd });
  }
  console.log(`${'execution'.padEnd(38)} events  transitions  Lambda seconds     USD`);
  for (const { name, events, transitions, lambdaSeconds, usd } of costs) {
    console.log(`${name.padEnd(38)} ${String(events).padStart(6)}  ${String(transitions).padStart(11)}  ${String(lambdaSeconds).padStart(14)}  ${usd.toFixed(3).padStart(6)}`);
  }
  return costs;
}

interface Pace {
  readonly elapsedSeconds: number;
  readonly looks: number;
  readonly remainingSeconds: number | undefined;
}

/** As the tasks themselves decide it. */
function waitOf(task: string, pace: Pace): number {
  if (task === 'compare-data') return 1;
  if (task === 'wait-to-retire') return DAY;
  if (task === 'run-migration') return secondsUntilNextMigrationLook({ ...pace, settledSeconds: pace.elapsedSeconds });
  return secondsUntilNextLook(pace.elapsedSeconds, pace.remainingSeconds);
}

/** Where the work stands when a state looks, if all goes well. */
const PHASES: Readonly<Record<string, string>> = {
  [StateName.FIND_GREEN]: Phase.AVAILABLE, [StateName.FIND_PRODUCTION]: Phase.SWITCHED, [StateName.FIND_OLD_BLUE]: Phase.FINISHED,
};

function answerOf(task: StateTaskName, stateName: string, results: Awaited<ReturnType<typeof taskResults>>): unknown {
  if (stateName === StateName.GATHER_EVIDENCE_AGAIN) return { ...results['gather-evidence'], approved: true };
  if (task !== 'find-where-we-are') return results[task];
  const oldBlue = stateName === StateName.FIND_OLD_BLUE ? { source: { identifier: 'shop-old1' } } : {};
  return { ...results['find-where-we-are'], ...oldBlue, phase: PHASES[stateName] ?? Phase.NONE };
}
