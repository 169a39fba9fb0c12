// Runs one Lambda function: loads its handler, then answers one invocation after the other. Plain JavaScript, so that it starts fast.
// The runner (environment.ts) speaks to it over the channel that node:child_process offers.
'use strict';

const send = process.send.bind(process);
const outputs = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));
// the function must not see a difference to Lambda, where there is no such channel.
process.send = undefined;
// the runner is gone, even if it was killed: no function outlives it.
process.on('disconnect', () => process.exit(0));

process.on('uncaughtException', (error) => endWith(129, report(error)));
process.on('unhandledRejection', (reason) => {
  const error = new Error(String(reason));
  error.name = 'Runtime.UnhandledPromiseRejection';
  endWith(128, report(error));
});

const handler = load();
if (handler) {
  process.on('message', (message) => void invoke(message));
  send({ type: 'ready' });
}

function load() {
  try {
    const dot = process.env._HANDLER.lastIndexOf('.');
    const file = process.env._HANDLER.slice(0, dot);
    const name = process.env._HANDLER.slice(dot + 1);
    if (dot < 1) throw named('Runtime.MalformedHandlerName', 'Bad handler');
    const found = importModule(`${process.env.LAMBDA_TASK_ROOT}/${file}`)[name];
    if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${process.env._HANDLER} is undefined or not exported`);
    if (found.length > 2) {
      throw named('Runtime.CallbackHandlerDeprecated', 'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.');
    }
    return found;
  } catch (error) {
    endWith(1, report(error));
    return undefined;
  }
}

function importModule(path) {
  try {
    return module.require(path);
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error.stack);
    if (error.code === 'MODULE_NOT_FOUND') throw named('Runtime.ImportModuleError', String(error), error.stack);
    throw error;
  }
}

async function invoke({ requestId, deadline, arn, event }) {
  let answer;
  try {
    const result = await handler(JSON.parse(event), context(requestId, deadline, arn));
    answer = { type: 'result', result: serialise(result) };
  } catch (error) {
    answer = { type: 'error', error: report(error) };
  }
  await endOfOutput(requestId);
  send(answer);
}

function context(awsRequestId, deadline, invokedFunctionArn) {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn,
    awsRequestId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function serialise(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw named('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
}

// marks the end of this invocation's output, so that the runner has every line of it before it hands the answer on.
function endOfOutput(requestId) {
  return Promise.all(outputs.map((write) => new Promise((resolve) => write(`\0end ${requestId}\n`, resolve))));
}

function endWith(exitCode, error) {
  send({ type: 'error', fatal: true, error }, () => process.exit(exitCode));
}

function report(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: String(error.name), errorMessage: String(error.message), trace: String(error.stack ?? '').split('\n') };
}

function named(name, message, stack) {
  const error = new Error(message);
  error.name = name;
  error.stack = stack ?? `${name}: ${message}`;
  return error;
}
