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
