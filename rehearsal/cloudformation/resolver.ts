import { type SynthesizedStack } from './assembly';
import { isObject, type JsonObject, objectAt, textAt } from './json';
import { type Deployment, kindOf } from './resource-kinds';

/** Values for what only a deployment can know: see `loadStack`. */
export type GivenValues = Readonly<Record<string, string | readonly string[]>>;

const noValue = Symbol('AWS::NoValue');

/**
 * Evaluates the intrinsic functions of a template. Whatever it does not know is an error that names the logical id, since a
 * wrong value would make a rehearsal prove nothing.
 */
export class Resolver {
  private readonly resources: JsonObject;

  constructor(private readonly stack: SynthesizedStack, private readonly deployment: Deployment, private readonly values: GivenValues) {
    this.resources = objectAt(stack.template, 'Resources');
    this.refuseUnknownValues();
  }

  /** The logical ids of the resources that this deployment creates (those whose condition holds). */
  public get logicalIds(): readonly string[] {
    return Object.keys(this.resources).filter((logicalId) => this.exists(logicalId));
  }

  /** The type of a resource. */
  public typeOf(logicalId: string): string {
    const type = textAt(objectAt(this.resources, logicalId), 'Type');
    if (!type) throw new Error(`the stack '${this.stack.name}' has no resource '${logicalId}'`);
    return type;
  }

  /** The properties of a resource, with every intrinsic function evaluated. */
  public properties(logicalId: string): JsonObject {
    return this.resolve(objectAt(objectAt(this.resources, logicalId), 'Properties'), logicalId) as JsonObject;
  }

  /** What Ref yields for a resource. */
  public ref(logicalId: string): string {
    const given = this.given(logicalId, '');
    if (given !== undefined) return String(given);
    const kind = kindOf(this.typeOf(logicalId));
    if (kind.refProperty) return String(this.property(logicalId, kind.refProperty));
    const name = this.physicalName(logicalId);
    return kind.ref ? kind.ref(name, this.deployment) : name;
  }

  /** What Fn::GetAtt yields for a resource. */
  public attribute(logicalId: string, attribute: string, owner = logicalId): unknown {
    const given = this.given(logicalId, `.${attribute}`);
    if (given !== undefined) return given;
    const type = this.typeOf(logicalId);
    const yields = kindOf(type).attributes[attribute];
    if (!yields) {
      this.fail(owner, `the attribute '${attribute}' of '${logicalId}' (${type}) is unknown before a deployment: give it as values['${logicalId}.${attribute}']`);
    }
    return yields(this.physicalName(logicalId), this.deployment);
  }

  /** The name of a resource: the explicit one, or a made-up one as CloudFormation makes it. */
  public physicalName(logicalId: string): string {
    const kind = kindOf(this.typeOf(logicalId));
    const given = kind.ref ? undefined : this.given(logicalId, '');
    const explicit = given ?? (kind.nameProperty ? this.property(logicalId, kind.nameProperty) : undefined);
    return explicit === undefined ? kind.generate(logicalId, this.deployment) : String(explicit);
  }

  private property(logicalId: string, name: string): unknown {
    const value = objectAt(objectAt(this.resources, logicalId), 'Properties')[name];
    const resolved = this.resolve(value, logicalId);
    return resolved === noValue ? undefined : resolved;
  }

  private resolve(value: unknown, owner: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item, owner)).filter((item) => item !== noValue);
    if (!isObject(value)) return value;
    const keys = Object.keys(value);
    const [key] = keys;
    if (keys.length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) return this.intrinsic(key, value[key], owner);
    const entries = Object.entries(value).map(([name, item]): [string, unknown] => [name, this.resolve(item, owner)]);
    return Object.fromEntries(entries.filter(([, item]) => item !== noValue));
  }

  private intrinsic(name: string, argument: unknown, owner: string): unknown {
    switch (name) {
      case 'Ref': return this.reference(String(argument), owner);
      case 'Fn::GetAtt': return this.getAttribute(argument, owner);
      case 'Fn::Join': return this.join(argument, owner);
      case 'Fn::Sub': return this.substitute(argument, owner);
      case 'Fn::Select': return this.select(argument, owner);
      case 'Fn::Split': return this.split(argument, owner);
      case 'Fn::FindInMap': return this.findInMap(argument, owner);
      case 'Fn::ImportValue': return this.importValue(String(this.resolve(argument, owner)), owner);
      case 'Fn::If': return this.choose(argument, owner);
      case 'Fn::GetAZs': return ['a', 'b', 'c'].map((zone) => `${String(this.resolve(argument, owner)) || this.deployment.region}${zone}`);
      case 'Fn::Base64': return Buffer.from(String(this.resolve(argument, owner))).toString('base64');
      default: return this.fail(owner, `the intrinsic function ${name} is unknown to the rehearsal`);
    }
  }

  private reference(name: string, owner: string): unknown {
    const { partition, region, account, stackName } = this.deployment;
    switch (name) {
      case 'AWS::AccountId': return account;
      case 'AWS::NoValue': return noValue;
      case 'AWS::NotificationARNs': return [];
      case 'AWS::Partition': return partition;
      case 'AWS::Region': return region;
      case 'AWS::StackId': return `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/rehearsal`;
      case 'AWS::StackName': return stackName;
      case 'AWS::URLSuffix': return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
      default: return this.isParameter(name) ? this.parameter(name, owner) : this.existing(name, owner, () => this.ref(name));
    }
  }

  private isParameter(name: string): boolean {
    return isObject(objectAt(this.stack.template, 'Parameters')[name]);
  }

  private parameter(name: string, owner: string): unknown {
    const given = this.given(name, '');
    if (given !== undefined) return given;
    const parameter = objectAt(objectAt(this.stack.template, 'Parameters'), name);
    const type = textAt(parameter, 'Type') ?? '';
    // the default of such a parameter is the name of another parameter, whose value only the account knows.
    const known = parameter.Default !== undefined && !type.startsWith('AWS::SSM::');
    if (!known) this.fail(owner, `the parameter '${name}' (${type}) has no value before a deployment: give it as values['${name}']`);
    return /^(CommaDelimitedList|List<)/.test(type) ? String(parameter.Default).split(',').map((item) => item.trim()) : String(parameter.Default);
  }

  private getAttribute(argument: unknown, owner: string): unknown {
    const text = typeof argument === 'string' ? argument : undefined;
    const [logicalId, attribute] = text ? [text.split('.')[0], text.split('.').slice(1).join('.')] : this.list(argument, 2, 'Fn::GetAtt', owner);
    const name = String(this.resolve(attribute, owner));
    return this.existing(String(logicalId), owner, () => this.attribute(String(logicalId), name, owner));
  }

  private existing<T>(logicalId: string, owner: string, yields: () => T): T {
    if (!isObject(this.resources[logicalId])) this.fail(owner, `it refers to '${logicalId}', which is neither a resource nor a parameter`);
    if (!this.exists(logicalId)) this.fail(owner, `it refers to '${logicalId}', whose condition does not hold`);
    return yields();
  }

  private join(argument: unknown, owner: string): string {
    const [delimiter, items] = this.list(argument, 2, 'Fn::Join', owner);
    const resolved = this.resolve(items, owner);
    if (!Array.isArray(resolved)) return this.fail(owner, 'Fn::Join should have a list to join');
    return resolved.map((item) => this.text(item, 'Fn::Join', owner)).join(String(delimiter));
  }

  private substitute(argument: unknown, owner: string): string {
    const [template, variables] = Array.isArray(argument) ? argument as unknown[] : [argument, {}];
    const known = isObject(variables) ? variables : {};
    return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      const value = name in known ? this.resolve(known[name], owner) : name.includes('.') ? this.getAttribute(name, owner) : this.reference(name, owner);
      return this.text(value, 'Fn::Sub', owner);
    });
  }

  private select(argument: unknown, owner: string): unknown {
    const [index, items] = this.list(argument, 2, 'Fn::Select', owner);
    const list = this.resolve(items, owner);
    const value: unknown = Array.isArray(list) ? list[Number(this.resolve(index, owner))] : undefined;
    return value ?? this.fail(owner, `Fn::Select finds no item ${JSON.stringify(index)} in ${JSON.stringify(list)}`);
  }

  private split(argument: unknown, owner: string): string[] {
    const [delimiter, text] = this.list(argument, 2, 'Fn::Split', owner);
    return this.text(this.resolve(text, owner), 'Fn::Split', owner).split(String(delimiter));
  }

  private findInMap(argument: unknown, owner: string): unknown {
    const [map, first, second] = this.list(argument, 3, 'Fn::FindInMap', owner).map((key) => String(this.resolve(key, owner)));
    const value = objectAt(objectAt(objectAt(this.stack.template, 'Mappings'), map ?? ''), first ?? '')[second ?? ''];
    return value ?? this.fail(owner, `Fn::FindInMap finds nothing under ${map}/${first}/${second}`);
  }

  private importValue(name: string, owner: string): unknown {
    return this.values[name] ?? this.fail(owner, `the export '${name}' of another stack has no value before a deployment: give it as values['${name}']`);
  }

  private choose(argument: unknown, owner: string): unknown {
    const [condition, whenTrue, whenFalse] = this.list(argument, 3, 'Fn::If', owner);
    return this.resolve(this.holds(String(condition), owner) ? whenTrue : whenFalse, owner);
  }

  private exists(logicalId: string): boolean {
    const condition = textAt(objectAt(this.resources, logicalId), 'Condition');
    return condition === undefined || this.holds(condition, logicalId);
  }

  private holds(condition: string, owner: string): boolean {
    const expression = objectAt(this.stack.template, 'Conditions')[condition];
    if (expression === undefined) this.fail(owner, `the condition '${condition}' is not defined`);
    return this.evaluate(expression, owner);
  }

  private evaluate(expression: unknown, owner: string): boolean {
    const [entry] = isObject(expression) ? Object.entries(expression) : [];
    const [name, argument] = entry ?? [JSON.stringify(expression), undefined];
    const parts: unknown[] = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Condition': return this.holds(String(argument), owner);
      case 'Fn::And': return parts.every((part) => this.evaluate(part, owner));
      case 'Fn::Or': return parts.some((part) => this.evaluate(part, owner));
      case 'Fn::Not': return !this.evaluate(parts[0], owner);
      case 'Fn::Equals': return String(this.resolve(parts[0], owner)) === String(this.resolve(parts[1], owner));
      default: return this.fail(owner, `the condition function ${name} is unknown to the rehearsal`);
    }
  }

  private list(argument: unknown, length: number, intrinsic: string, owner: string): readonly unknown[] {
    if (Array.isArray(argument) && argument.length === length) return argument;
    return this.fail(owner, `${intrinsic} should have a list of ${length}, got ${JSON.stringify(argument)}`);
  }

  private text(value: unknown, intrinsic: string, owner: string): string {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.fail(owner, `${intrinsic} should be made of texts, got ${JSON.stringify(value) ?? String(value)}`);
  }

  private given(name: string, suffix: string): string | readonly string[] | undefined {
    return this.keysOf(name).map((key) => this.values[`${key}${suffix}`]).find((value) => value !== undefined);
  }

  // a resource can be named by its logical id or its construct path, with or without the '/Resource' that most end in.
  private keysOf(name: string): readonly string[] {
    const path = this.stack.paths.get(name);
    return path ? [name, path, path.replace(/\/Resource$/, '')] : [name];
  }

  private refuseUnknownValues(): void {
    const names = [...Object.keys(this.resources), ...Object.keys(objectAt(this.stack.template, 'Parameters'))];
    const keys = new Set(names.flatMap((name) => this.keysOf(name)));
    // names of imports can themselves be computed, so any text of the template will do.
    const template = JSON.stringify(this.stack.template);
    const isKnown = (key: string) => keys.has(key) || [...keys].some((known) => key.startsWith(`${known}.`)) || template.includes(JSON.stringify(key));
    const unknown = Object.keys(this.values).filter((key) => !isKnown(key));
    if (unknown.length > 0) {
      throw new Error(`'values' should name resources, parameters or imports of the stack '${this.stack.name}', got ${unknown.join(', ')}`);
    }
  }

  private fail(logicalId: string, problem: string): never {
    const path = this.stack.paths.get(logicalId);
    throw new Error(`cannot resolve '${logicalId}'${path ? ` (${path})` : ''} of the stack '${this.stack.name}': ${problem}`);
  }
}
