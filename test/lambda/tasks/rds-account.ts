import { TcpProxy } from '../../../rehearsal/mysql';
import { type ClusterSeed, type RdsControlPlaneOptions } from '../../../rehearsal/rds';
import { Fixture } from '../../rehearsal/rds/fixture';

/**
 * Gives each test an RDS of its own, while the functions' client, which looks its endpoint up once, stays at one address.
 */
export class RdsAccounts {
  /** Puts the address where the functions' client looks for it. Before the first test. */
  public static async open(): Promise<RdsAccounts> {
    const accounts = new RdsAccounts(await TcpProxy.open());
    process.env.AWS_ENDPOINT_URL_RDS = `http://127.0.0.1:${accounts.proxy.port}`;
    process.env.AWS_REGION = 'eu-central-1';
    process.env.AWS_ACCESS_KEY_ID = 'AKIDTEST';
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    return accounts;
  }

  private present?: Fixture;

  private constructor(private readonly proxy: TcpProxy) {}

  /** An account with cluster `shop`, and nothing of earlier tests. */
  public async fresh(options: Partial<RdsControlPlaneOptions> = {}, seed: Partial<ClusterSeed> = {}): Promise<Fixture> {
    await this.present?.close();
    this.proxy.dropConnections();
    this.present = await Fixture.open(options, seed);
    this.proxy.retarget(Number(new URL(this.present.controlPlane.endpoint).port));
    return this.present;
  }

  public async close(): Promise<void> {
    await this.present?.close();
    await this.proxy.close();
  }
}
