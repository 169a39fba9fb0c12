import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CharacterSetConversion, EnvironmentName, type PipelineSettings } from '../lib/private/contract';
import {
  createCertificates, createMasterUser, findMysql, installRdsProcedures, type MysqlDistribution, type MysqlParameters, MysqlServer, type ProcessScope,
} from '../rehearsal/mysql';
import { SecretsManager } from '../rehearsal/secrets-manager/server';
import { DATABASE } from './migration/dataset';

/** Whom the engine logs in as. */
const USER = { username: 'admin', password: 'bench-of-one-machine' } as const;
const SECRET = 'bench/master';
/** Statements of the engine at once. */
export const WORKERS = 2;

interface OpenedBlue {
  readonly blue: MysqlServer;
  readonly distribution: MysqlDistribution;
}

/** A Blue into which the engine can log in. */
export async function openBlue(scope: ProcessScope, parameters: MysqlParameters): Promise<OpenedBlue> {
  const [distribution, certificates] = await Promise.all([findMysql(), createCertificates()]);
  const blue = await MysqlServer.start({ distribution, certificates, scope, name: 'blue', parameters });
  await installRdsProcedures(blue);
  await createMasterUser(blue, USER.username, USER.password);
  await letEngineLogIn(scope, certificates.authority);
  return { blue, distribution };
}

/** The engine logs in as it does in Lambda: by secret, over verified TLS. */
async function letEngineLogIn(scope: ProcessScope, authority: string): Promise<void> {
  const secrets = await SecretsManager.start({ secrets: new Map([[SECRET, JSON.stringify(USER)]]) });
  scope.onClose(() => secrets.close());
  const file = join(scope.folder, 'authority.pem');
  await writeFile(file, authority);
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIDBENCH', AWS_SECRET_ACCESS_KEY: 'secret', AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    NODE_EXTRA_CA_CERTS: file, [EnvironmentName.LOGIN]: JSON.stringify({ kind: 'secret', secretArn: SECRET }),
    // metrics bear the pipeline's name.
    [EnvironmentName.SETTINGS]: JSON.stringify(settingsOf({})),
  });
}

/** Where the engine finds a server. */
export function serverOf(server: MysqlServer): { endpoint: string; port: number } {
  return { endpoint: server.host, port: server.port };
}

/** What the construct would tell the engine. */
export function settingsOf(choices: Partial<CharacterSetConversion>): PipelineSettings {
  return {
    pipeline: 'bench', deploymentName: 'bench', clusterIdentifier: 'bench', switchoverTimeoutSeconds: 300, switchoverAttempts: 1, binlogRetentionHours: 24, workers: WORKERS,
    onStepFailure: 'finishRunning', lockHolders: 'wait',
    migration: {
      kind: 'convertCharacterSet', databases: [DATABASE], collations: {}, applier: 'running',
      deferredIndexes: { leastBytes: 8 * 1024 * 1024, roomBytes: 16 * 1024 ** 3 }, ...choices,
    },
    patience: { greenSeconds: 1, migrationSeconds: 86_400, replicationSeconds: 1, comparisonSeconds: 1, readinessSeconds: 1, verificationSeconds: 1 },
    lagHoldSeconds: 1, watchSeconds: 1,
  };
}
