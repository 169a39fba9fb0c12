import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection } from 'mysql2/promise';
import { type Server } from '../../../lambda/mysql/session';
import { EnvironmentName } from '../../../lib/private/contract';
import {
  binlogEnd, cloneServer, createCertificates, createMasterUser, findMysql, installRdsProcedures, type MysqlParameters, MysqlServer, ProcessScope,
  startReplication, waitForReplica,
} from '../../../rehearsal/mysql';
import { SecretsManager } from '../../../rehearsal/secrets-manager/server';
import { configure } from '../shared/event';

/** The user the functions log in with; on both servers. */
export const MASTER = { user: 'admin', password: 'Tr0ub4dor, or "so"' } as const;

const SECRET = 'shop/master';

/** What Green runs with while it follows Blue: that which GreenClusterParameterGroup sets. */
const GREEN_PARAMETERS: MysqlParameters = {
  event_scheduler: 'OFF',
  log_bin_trust_function_creators: 'ON',
  replica_preserve_commit_order: 'ON',
  replica_type_conversions: 'ALL_NON_LOSSY',
};

/** What a pair is made from. */
export interface PairOptions {
  /** Makes the data on Blue, before Green is cloned. The connection is the administrator's. */
  readonly prepare?: (connection: Connection) => Promise<void>;
  /** System variables of Blue, besides the rehearsal's defaults. */
  readonly blue?: MysqlParameters;
  /** System variables of Green, besides those a Green always has. */
  readonly green?: MysqlParameters;
}

/**
 * Two real servers, Green replicating from Blue, as the functions find them: with a master user, the procedures of RDS, a secret, TLS, and
 * the environment of a database function. One for a test file: `beforeAll` opens it, `afterAll` closes it.
 */
export class Pair {
  /** @throws when a server does not start; nothing is left behind then. */
  public static async open({ prepare, blue: blueParameters, green: greenParameters }: PairOptions = {}): Promise<Pair> {
    const [distribution, certificates, scope] = await Promise.all([findMysql(), createCertificates(), ProcessScope.open('pair')]);
    try {
      const blue = await MysqlServer.start({ distribution, certificates, scope, name: 'blue', parameters: blueParameters ?? {} });
      await installRdsProcedures(blue);
      await createMasterUser(blue, MASTER.user, MASTER.password);
      if (prepare !== undefined) await blue.withConnection(prepare, { charset: 'utf8mb4' });
      const cloned = await cloneServer(blue, { scope, name: 'green', parameters: { ...GREEN_PARAMETERS, ...greenParameters } });
      await startReplication(cloned.server, blue, cloned);
      const secrets = await SecretsManager.start({ secrets: new Map([[SECRET, JSON.stringify({ username: MASTER.user, password: MASTER.password })]]) });
      scope.onClose(() => secrets.close());
      const authority = join(scope.folder, 'authority.pem');
      await writeFile(authority, certificates.authority);
      Object.assign(process.env, {
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'AKIDTEST',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
        NODE_EXTRA_CA_CERTS: authority,
        POWERTOOLS_LOG_LEVEL: 'SILENT',
        [EnvironmentName.LOGIN]: JSON.stringify({ kind: 'secret', secretArn: SECRET }),
      });
      configure();
      return new Pair(scope, blue, cloned.server);
    } catch (thrown) {
      await scope.close();
      throw thrown;
    }
  }

  private constructor(private readonly scope: ProcessScope, public readonly blue: MysqlServer, public readonly green: MysqlServer) {}

  /** Where the functions find a server. */
  public server(which: 'blue' | 'green'): Server {
    return { endpoint: this[which].host, port: this[which].port };
  }

  /** Runs statements one after the other as the administrator, in one connection; returns the rows of the last. */
  public async run<Row = Record<string, unknown>>(which: 'blue' | 'green', ...statements: readonly string[]): Promise<Row[]> {
    return this[which].withConnection(async (connection) => {
      let rows: unknown = [];
      for (const statement of statements) [rows] = await connection.query(statement);
      return (Array.isArray(rows) ? rows : []) as Row[];
    }, { charset: 'utf8mb4' });
  }

  /** Waits until Green has applied everything that has been written on Blue. */
  public async caughtUp(): Promise<void> {
    await waitForReplica(this.green, await binlogEnd(this.blue));
  }

  /** Ends the servers and removes their files. */
  public async close(): Promise<void> {
    await this.scope.close();
  }
}

/** Opens a {@link Pair}. */
export function openPair(options: PairOptions = {}): Promise<Pair> {
  return Pair.open(options);
}
