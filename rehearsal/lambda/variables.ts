import { type LambdaFunction } from './lambda-function';

// the names AWS reserves: a deployment that sets one of them fails, so a rehearsal must fail too.
const reservedNames: ReadonlySet<string> = new Set([
  '_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR',
]);

/**
 * All environment variables of a function's process: Lambda's usual ones, those given for all functions, the function's own.
 * Nothing of this process gets through but PATH.
 *
 * @param shared the variables of all functions; `AWS_REGION` is required.
 * @throws Error where the region is missing or the function sets a name that Lambda reserves.
 */
export function processVariables(fn: LambdaFunction, shared: Readonly<Record<string, string>>): Record<string, string> {
  const region = shared.AWS_REGION;
  if (!region) throw new Error(`'environment' should contain AWS_REGION: the function '${fn.name}' cannot call AWS without it`);
  const reserved = Object.keys(fn.environment).filter((name) => reservedNames.has(name));
  if (reserved.length > 0) {
    throw new Error(`the function '${fn.name}' sets ${reserved.join(', ')}, which Lambda reserves: a deployment would fail, choose other names`);
  }
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // as in Lambda, a home that does not exist: the AWS SDK must not find the configuration of whoever rehearses.
    HOME: '/home/sbx_user1051',
    _HANDLER: fn.handler,
    LAMBDA_TASK_ROOT: fn.codeDirectory,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'rehearsal',
    AWS_ACCESS_KEY_ID: fn.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'secret-key-of-a-rehearsal',
    AWS_SESSION_TOKEN: 'session-token-of-a-rehearsal',
    ...shared,
    ...fn.environment,
  };
}
