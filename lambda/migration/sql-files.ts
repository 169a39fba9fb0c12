import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ErrorName, type SqlFiles, type SqlFilesContent, type SqlStatement, STATEMENTS_FILE } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { requireEnvironment } from '../shared/settings';

/** A statement of a file, with the database it is for. */
export interface FileStatement extends SqlStatement {
  /** The default database it is run in. */
  readonly database: string;
}

/**
 * The statements of the files, in the order in which they are run. They lie beside the code of the function.
 *
 * @throws `PipelineChanged` where code and settings belong to different files, as they do for a moment while a stack is deployed.
 */
export function readSqlFiles({ database, fingerprint }: SqlFiles): readonly FileStatement[] {
  const { fingerprint: present, statements } = JSON.parse(readFileSync(path.join(requireEnvironment('LAMBDA_TASK_ROOT'), STATEMENTS_FILE), 'utf8')) as SqlFilesContent;
  if (present === fingerprint) return statements.map((statement) => ({ ...statement, database: statement.database ?? database }));
  throw new PipelineError(
    ErrorName.PIPELINE_CHANGED,
    `the SQL files beside the function's code (${present}) are not those of its settings (${fingerprint}): the stack is being deployed with other files at this moment, or the function was changed by `
    + 'hand. Nothing was run. Start a new execution with {} when the deployment is over',
  );
}
