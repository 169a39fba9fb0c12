import { randomUUID } from 'node:crypto';
import { type Clock } from '../clock';
import { isObject, type JsonObject, objectAt, textAt } from '../cloudformation/json';
import { type StackResource } from '../cloudformation/template';
import { TaskError } from '../step-functions';

/** An event as targets get it. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: JsonObject;
  readonly resources?: readonly string[];
}

/** An event somebody has put, and the bus it was put on. */
export interface PutEvent extends BusEvent {
  readonly bus: string;
}

/** What an EventBridge of one account is made of. */
export interface EventBridgeOptions {
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  /** The rules of the template, all intrinsic functions evaluated. */
  readonly rules: readonly StackResource[];
  /** Calls a target, by its ARN. */
  readonly invoke: (arn: string, payload: unknown) => Promise<unknown>;
}

interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern?: JsonObject;
  readonly seconds?: number;
  readonly targets: Map<string, JsonObject>;
  /** Ends the schedule; absent while the rule is disabled. */
  running?: AbortController;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;
const MOST_BYTES = 262_144;
const ENTRY_MEMBERS = ['Detail', 'DetailType', 'EventBusName', 'Source'];

const TARGET_MEMBERS = ['Id', 'Arn', 'RoleArn', 'Input', 'InputPath', 'InputTransformer', 'RetryPolicy', 'DeadLetterConfig'];

/**
 * Events that are put on any bus, and rules of the default one: schedules on the rehearsal's clock, patterns of exact values, targets with their input.
 * What it does not know is an error. Other than AWS, it waits for a target before it calls it again.
 */
export class EventBridge {
  private readonly rules: ReadonlyMap<string, Rule>;
  /** Every event that was put, oldest first. */
  public readonly events: PutEvent[] = [];

  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: EventBridgeOptions) {
    this.rules = new Map(options.rules.map((resource) => [resource.ref, this.deployed(resource)]));
    for (const { ref, properties } of options.rules) if (properties.State === 'ENABLED') this.enableRule({ Name: ref });
  }

  /** The names of the rules that are enabled. */
  public get enabled(): string[] {
    return [...this.rules.values()].filter(({ running }) => running !== undefined).map(({ name }) => name);
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html */
  public enableRule(parameters: JsonObject): JsonObject {
    const rule = this.find(parameters, 'Name', 'EventBusName');
    if (rule.running !== undefined) return {};
    rule.running = new AbortController();
    if (rule.seconds !== undefined) void this.repeat(rule, rule.seconds, rule.running.signal);
    return {};
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html */
  public disableRule(parameters: JsonObject): JsonObject {
    const rule = this.find(parameters, 'Name', 'EventBusName');
    rule.running?.abort();
    rule.running = undefined;
    return {};
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
  public putTargets(parameters: JsonObject): JsonObject {
    const rule = this.find(parameters, 'Rule', 'EventBusName', 'Targets');
    const targets = Array.isArray(parameters.Targets) ? parameters.Targets.filter(isObject) : [];
    if (targets.length === 0) throw new TaskError('EventBridge.ValidationException', `'Targets' should have 1 to 100 targets`);
    for (const target of targets) put(rule, target);
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  /**
   * As the optimized integration `events:putEvents` does: the detail may be an object, and an entry that is refused fails the task. Other than there, the
   * ARNs of the execution and its machine are not added to the resources.
   */
  public putEvents(parameters: JsonObject): JsonObject {
    refuseUnknown(parameters, ['Entries']);
    const entries = Array.isArray(parameters.Entries) ? parameters.Entries.filter(isObject) : [];
    if (entries.length === 0 || entries.length > MOST_ENTRIES) throw new TaskError('EventBridge.ValidationException', `'Entries' should have 1 to ${MOST_ENTRIES} entries`);
    const events = entries.map((entry) => this.eventOf(entry));
    for (const { bus, ...event } of events) {
      this.events.push({ bus, ...event });
      if (bus === this.busOf(undefined)) this.send(event);
    }
    return { FailedEntryCount: 0, Entries: events.map(() => ({ EventId: randomUUID() })) };
  }

  /** The ARN of the bus an entry is for; it may be named by its name or its ARN. */
  public busOf(entry: unknown): string {
    const name = isObject(entry) && entry.EventBusName !== undefined ? String(entry.EventBusName) : 'default';
    return name.startsWith('arn:') ? name : `arn:aws:events:${this.options.region}:${this.options.account}:event-bus/${name}`;
  }

  private eventOf(entry: JsonObject): PutEvent {
    refuseUnknown(entry, ENTRY_MEMBERS);
    const { Source: source, DetailType: type, Detail: detail } = entry;
    const refused = (why: string) => new TaskError('EventBridge.FailedEntry', why);
    if (typeof source !== 'string' || source === '' || source.startsWith('aws.')) throw refused('InvalidArgument: Source');
    if (typeof type !== 'string' || type === '' || type.length > 128) throw refused('InvalidArgument: DetailType');
    if (!isObject(detail)) throw refused('MalformedDetail: Detail is malformed.');
    if (Buffer.byteLength(JSON.stringify(entry)) > MOST_BYTES) throw refused('Total size of the entries is over the limit');
    return { 'bus': this.busOf(entry), source, 'detail-type': type, detail };
  }

  /** Hands an event to every enabled rule it matches. */
  public send(event: BusEvent): void {
    for (const rule of this.rules.values()) {
      if (rule.running !== undefined && rule.pattern !== undefined && matches(rule.pattern, { ...event })) void this.callTargets(rule, event);
    }
  }

  /** Resolves when no target is being called. */
  public async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Ends all schedules. */
  public close(): void {
    for (const { name } of this.rules.values()) this.disableRule({ Name: name });
  }

  private async repeat(rule: Rule, seconds: number, signal: AbortSignal): Promise<void> {
    const event = { 'source': 'aws.events', 'detail-type': 'Scheduled Event', 'detail': {}, 'resources': [rule.arn] };
    for (let last = Promise.resolve(); ; last = this.callTargets(rule, event)) {
      await this.options.clock.sleep(seconds, signal).catch(() => undefined);
      await last;
      if (signal.aborted) return;
    }
  }

  private callTargets(rule: Rule, event: BusEvent): Promise<void> {
    const { account, region, clock } = this.options;
    const whole = { version: '0', id: randomUUID(), account, region, time: `${clock.now().toISOString().slice(0, 19)}Z`, resources: [], ...event };
    const calls = [...rule.targets.values()].map((target) => this.options.invoke(String(target.Arn), inputOf(target, whole)));
    // what becomes of a target is no business of whoever sent the event.
    const call = Promise.allSettled(calls).then(() => { this.underWay.delete(call); });
    this.underWay.add(call);
    return call;
  }

  private find(parameters: JsonObject, member: string, ...others: readonly string[]): Rule {
    refuseUnknown(parameters, [member, ...others]);
    const name = textAt(parameters, member);
    const rule = name === undefined ? undefined : this.rules.get(name);
    if (rule === undefined) throw new TaskError('EventBridge.ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  private deployed({ ref, properties }: StackResource): Rule {
    const schedule = textAt(properties, 'ScheduleExpression');
    const rule: Rule = {
      name: ref,
      arn: `arn:aws:events:${this.options.region}:${this.options.account}:rule/${ref}`,
      pattern: isObject(properties.EventPattern) ? properties.EventPattern : undefined,
      seconds: schedule === undefined ? undefined : secondsOf(schedule),
      targets: new Map(),
    };
    for (const target of Array.isArray(properties.Targets) ? properties.Targets.filter(isObject) : []) put(rule, target);
    return rule;
  }
}

function put(rule: Rule, target: JsonObject): void {
  refuseUnknown(target, TARGET_MEMBERS);
  if (typeof target.Id !== 'string' || typeof target.Arn !== 'string') throw new TaskError('EventBridge.ValidationException', 'a target should have an Id and an Arn');
  rule.targets.set(target.Id, target);
}

function refuseUnknown(parameters: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(parameters).filter((member) => !known.includes(member));
  if (unknown.length > 0) throw new TaskError('States.Runtime', `EventBridge knows no ${unknown.join(', ')} here; it knows ${known.join(', ')}`);
}

function secondsOf(expression: string): number {
  const [, value, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (value === undefined) throw new Error(`the rehearsal knows schedules like rate(1 minute), got '${expression}'`);
  return Number(value) * (unit === 'minute' ? 60 : unit === 'hour' ? 3600 : 86_400);
}

/** Every member of the pattern names a list of exact values, or goes deeper. */
function matches(pattern: JsonObject, event: JsonObject): boolean {
  return Object.entries(pattern).every(([member, wanted]) => {
    if (isObject(wanted)) return matches(wanted, objectAt(event, member));
    if (!Array.isArray(wanted) || wanted.some((value) => typeof value !== 'string')) throw new Error(`the rehearsal knows patterns of exact texts only, got ${JSON.stringify(wanted)}`);
    return wanted.includes(event[member]);
  });
}

function inputOf(target: JsonObject, event: JsonObject): unknown {
  if (typeof target.Input === 'string') return JSON.parse(target.Input);
  if (!isObject(target.InputTransformer)) return event;
  const { InputPathsMap: paths, InputTemplate: template } = target.InputTransformer;
  const text = String(template).replace(/<([\w.-]+)>/g, (_, name: string) => {
    const path = isObject(paths) ? String(paths[name]) : '';
    const member = /^\$\.([\w-]+)$/.exec(path)?.[1];
    if (member === undefined) throw new Error(`the rehearsal knows input paths like $.time, got '${path}'`);
    return JSON.stringify(event[member] ?? null);
  });
  return JSON.parse(text);
}
