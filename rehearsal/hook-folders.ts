import fs from 'node:fs';
import path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type Construct } from 'constructs';
import { PipelineHook, type PipelineHooks } from '../lib';
import { type HookName } from '../lib/private/contract';
import { type OwnFunction } from './lambda/lambda-function';

const NAMES: readonly HookName[] = ['beforeMigration', 'beforeSwitchover', 'afterSwitchover', 'onFailure'];

/** Hooks of which each is a folder with a function: what `npm start -- --hook` is given. */
export interface HookFolders {
  readonly functions: readonly OwnFunction[];
  readonly hooks: (scope: Construct) => PipelineHooks;
}

/**
 * Reads words like `beforeSwitchover=../stop-writers/dist`.
 *
 * @throws Error where there is no such hook, or no function in the folder.
 */
export function hookFolders(words: readonly string[]): HookFolders {
  const folders = words.map((word) => {
    const [given = '', folder = ''] = word.split(/=(.*)/s);
    const name = NAMES.find((one) => one === given);
    if (name === undefined) throw new Error(`'--hook' should be NAME=FOLDER, where NAME is ${NAMES.join(', ')}, got '${word}'`);
    if (folder === '' || !fs.existsSync(path.resolve(folder, 'index.js'))) throw new Error(`'--hook ${name}' should be a folder with an index.js that exports 'handler', got '${folder}'`);
    return { name, codeDirectory: folder, arn: `arn:aws:lambda:eu-central-1:123456789012:function:${name}` };
  });
  return {
    functions: folders.map(({ arn, codeDirectory }) => ({ arn, codeDirectory })),
    hooks: (scope) => Object.fromEntries(folders.map(({ name, arn }) => [name, PipelineHook.invoke(lambda.Function.fromFunctionArn(scope, name, arn))])),
  };
}
