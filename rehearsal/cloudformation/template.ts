import fs from 'node:fs';
import { type LambdaFunction } from '../lambda/lambda-function';
import { readStack, type SynthesizedStack } from './assembly';
import { isObject, type JsonObject, listOf, objectAt, parseObject, textAt } from './json';
import { type PolicyStatement } from './policy';
import { type GivenValues, Resolver } from './resolver';
import { type Deployment, stableHash } from './resource-kinds';

export { type GivenValues } from './resolver';

/** Where a stack is deployed to, in the rehearsal's AWS. */
export interface StackOptions {
  readonly account: string;
  readonly region: string;
  /**
   * What only a deployment can know: by logical id or construct path what Ref yields, with `.Attribute` behind it what Fn::GetAtt
   * yields; by name the values of parameters and of other stacks' exports. A key that names nothing is an error.
   */
  readonly values?: GivenValues;
}

/** A resource with its properties, all intrinsic functions evaluated. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** What Ref yields. */
  readonly ref: string;
  readonly properties: JsonObject;
}

/** A state machine ready to be interpreted. */
export interface StackStateMachine {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The definition in the Amazon States Language, all tokens resolved. */
  readonly definition: JsonObject;
  readonly roleArn: string;
}

/** A role with everything this stack allows it. */
export interface StackRole {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The statements of its inline policies and of the stack's policies attached to it. */
  readonly statements: readonly PolicyStatement[];
  /** The policies from elsewhere, whose statements are not known here (AWS's own, mostly). */
  readonly managedPolicyArns: readonly string[];
}

/**
 * Loads a synthesized stack.
 *
 * @param directory the cloud assembly, the folder `cdk synth` writes.
 * @param stackName the stack's name.
 * @throws Error where there is no such stack, or `values` has a key that names nothing in it.
 */
export function loadStack(directory: string, stackName: string, options: StackOptions): Stack {
  return new Stack(readStack(directory, stackName), options);
}

/**
 * A synthesized stack as if it were deployed: names and ARNs are made up, and stay the same from one load to the next. Only what
 * is asked for is resolved, so that an unknown intrinsic function elsewhere does no harm.
 */
export class Stack {
  /** The name CloudFormation knows the stack by. */
  public readonly name: string;
  private readonly deployment: Deployment;
  private readonly resolver: Resolver;

  constructor(private readonly synthesized: SynthesizedStack, options: StackOptions) {
    this.name = synthesized.name;
    this.deployment = {
      partition: options.region.startsWith('cn-') ? 'aws-cn' : options.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws',
      region: options.region,
      account: options.account,
      stackName: synthesized.name,
    };
    this.resolver = new Resolver(synthesized, this.deployment, options.values ?? {});
  }

  /** The Lambda functions with a Node.js runtime. */
  public get functions(): LambdaFunction[] {
    return this.resources('AWS::Lambda::Function')
      .filter(({ properties }) => textAt(properties, 'Runtime')?.startsWith('nodejs'))
      .map((resource) => this.toFunction(resource));
  }

  /** The state machines. */
  public get stateMachines(): StackStateMachine[] {
    return this.resources('AWS::StepFunctions::StateMachine').map(({ logicalId, ref, properties }) => ({
      logicalId,
      name: this.resolver.physicalName(logicalId),
      arn: ref,
      definition: this.definitionOf(logicalId, properties),
      roleArn: textAt(properties, 'RoleArn') ?? this.fail(logicalId, 'it has no role'),
    }));
  }

  /** The resources of a type, in the order of the template. */
  public resources(type: string): StackResource[] {
    return this.resolver.logicalIds
      .filter((logicalId) => this.resolver.typeOf(logicalId) === type)
      .map((logicalId) => ({ logicalId, type, ref: this.resolver.ref(logicalId), properties: this.resolver.properties(logicalId) }));
  }

  /** A role, by its logical id. */
  public role(logicalId: string): StackRole {
    if (this.resolver.typeOf(logicalId) !== 'AWS::IAM::Role') this.fail(logicalId, `it is a ${this.resolver.typeOf(logicalId)}, not a role`);
    const properties = this.resolver.properties(logicalId);
    const name = this.resolver.physicalName(logicalId);
    const inline = listOf(properties.Policies).flatMap((policy) => (isObject(policy) ? statementsOf(policy) : []));
    const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
      .flatMap((type) => this.resources(type))
      .filter((policy) => listOf(policy.properties.Roles).includes(name) || listOf(properties.ManagedPolicyArns).includes(policy.ref));
    const known = attached.map((policy) => policy.ref);
    return {
      logicalId,
      name,
      arn: String(this.resolver.attribute(logicalId, 'Arn')),
      statements: [...inline, ...attached.flatMap((policy) => statementsOf(policy.properties))],
      managedPolicyArns: listOf(properties.ManagedPolicyArns).map(String).filter((arn) => !known.includes(arn)),
    };
  }

  /** A role of this stack, by its ARN, as functions and state machines name it; nothing where another stack owns it. */
  public roleWithArn(arn: string): StackRole | undefined {
    const logicalId = this.resolver.logicalIds
      .filter((id) => this.resolver.typeOf(id) === 'AWS::IAM::Role')
      .find((id) => this.resolver.attribute(id, 'Arn') === arn);
    return logicalId === undefined ? undefined : this.role(logicalId);
  }

  /** The role of a function, by the function's name. */
  public roleOf(functionName: string): StackRole {
    const fn = this.resources('AWS::Lambda::Function').find(({ ref }) => ref === functionName);
    if (!fn) throw new Error(`the stack '${this.name}' has no function '${functionName}'`);
    const arn = String(fn.properties.Role);
    return this.roleWithArn(arn) ?? this.fail(fn.logicalId, `its role '${arn}' belongs to another stack, so nobody can tell what it allows`);
  }

  private toFunction({ logicalId, ref, properties }: StackResource): LambdaFunction {
    if (listOf(properties.Layers).length > 0) this.fail(logicalId, 'it has layers, which a rehearsal cannot run: bundle the code instead');
    const variables = objectAt(objectAt(properties, 'Environment'), 'Variables');
    this.refuseUnresolved(logicalId, variables);
    return {
      name: ref,
      arn: String(this.resolver.attribute(logicalId, 'Arn')),
      codeDirectory: this.codeDirectoryOf(logicalId, objectAt(properties, 'Code')),
      handler: textAt(properties, 'Handler') ?? this.fail(logicalId, 'it has no handler'),
      environment: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
      // the defaults of CloudFormation.
      timeoutSeconds: Number(properties.Timeout ?? 3),
      memoryMegabytes: Number(properties.MemorySize ?? 128),
      accessKeyId: `ASIA${stableHash(`access key of ${logicalId}`, this.deployment).slice(0, 16).toUpperCase()}`,
    };
  }

  private codeDirectoryOf(logicalId: string, code: JsonObject): string {
    const key = textAt(code, 'S3Key');
    if (!key) return this.fail(logicalId, `its code is not an asset (${Object.keys(code).join(', ')}): use Code.fromAsset with a folder`);
    const directory = this.synthesized.assets.get(key);
    if (!directory) return this.fail(logicalId, `its code '${key}' is not among the assets of the stack: synthesize it again`);
    if (!fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
      return this.fail(logicalId, `its code '${directory}' is not a folder: use Code.fromAsset with a folder, not with a ZIP file`);
    }
    return directory;
  }

  private definitionOf(logicalId: string, properties: JsonObject): JsonObject {
    const definition = isObject(properties.Definition) ? JSON.stringify(properties.Definition) : textAt(properties, 'DefinitionString');
    if (definition === undefined) return this.fail(logicalId, 'its definition is not in the template: use DefinitionBody.fromChainable or fromString');
    const substitutions = objectAt(properties, 'DefinitionSubstitutions');
    const text = definition.replace(/\$\{([^}]+)\}/g, (whole, name: string) => (name in substitutions ? String(substitutions[name]) : whole));
    this.refuseUnresolved(logicalId, text);
    return parseObject(text, `${logicalId}.DefinitionString`);
  }

  // dynamic references and tokens of the CDK reach neither a function nor a state machine in AWS, so they must not here.
  private refuseUnresolved(logicalId: string, value: unknown): void {
    const found = /\{\{resolve:[^}]*\}\}|\$\{Token\[[^\]]*\]\}/.exec(JSON.stringify(value));
    if (found) this.fail(logicalId, `it contains '${found[0]}', which is unknown before a deployment`);
  }

  private fail(logicalId: string, problem: string): never {
    throw new Error(`cannot use '${logicalId}' of the stack '${this.name}': ${problem}`);
  }
}

function statementsOf(policy: JsonObject): PolicyStatement[] {
  return listOf(objectAt(policy, 'PolicyDocument').Statement) as PolicyStatement[];
}
