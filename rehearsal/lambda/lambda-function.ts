import path from 'node:path';

/**
 * A Lambda function as the rehearsal runs it: what a template says about it, with every token resolved.
 */
export interface LambdaFunction {
  /** The function's name, unique among the functions of one runner. */
  readonly name: string;
  /** The function's ARN, without a version. */
  readonly arn: string;
  /** The folder with the bundle, an absolute path. */
  readonly codeDirectory: string;
  /** File and exported name, as in AWS: `index.handler` is the export `handler` of `index.js`. */
  readonly handler: string;
  /** The function's own environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** The time limit of one invocation, in seconds. */
  readonly timeoutSeconds: number;
  /** The memory setting, in MB; nine tenths of it are the heap of Node.js. */
  readonly memoryMegabytes: number;
  /** The access key that tells the rehearsal's services which function calls them. */
  readonly accessKeyId: string;
}

/** A function that the template does not have, as one that a hook calls usually is. */
export interface OwnFunction {
  /** Its ARN, as the definition of a state machine has it. */
  readonly arn: string;
  /** The folder with the code; plain JavaScript, bundled if it needs packages. */
  readonly codeDirectory: string;
  /** @default index.handler */
  readonly handler?: string;
  /** @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** @default 256 */
  readonly memoryMegabytes?: number;
}

/** The function as the runner takes it. No service of the rehearsal lets its key in: what it may do nobody knows here. */
export function fromOwnFunction({ arn, ...own }: OwnFunction): LambdaFunction {
  const name = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)$/.exec(arn)?.[1];
  if (name === undefined) throw new Error(`'arn' should be the ARN of a Lambda function without a version, got '${arn}'`);
  return {
    handler: 'index.handler', environment: {}, timeoutSeconds: 60, memoryMegabytes: 256, ...own, name, arn, codeDirectory: path.resolve(own.codeDirectory), accessKeyId: `ASIA-${name}`,
  };
}
