import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { loopback } from './ports';

/**
 * The endpoint of a cluster: a port on the loopback address that stays the same while the server behind it changes. It passes bytes
 * on and knows nothing of MySQL, so TLS is spoken with the server itself.
 */
export class TcpProxy {
  /** Opens an endpoint on a free port; without a target it closes every connection at once. */
  public static async open(target?: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.server.listen(0, loopback);
    await once(proxy.server, 'listening');
    return proxy;
  }

  private readonly server: Server = createServer({ allowHalfOpen: true }, (client) => this.accept(client));
  private readonly pairs = new Map<Socket, Socket>();
  private refusing = false;
  private closing?: Promise<void>;

  private constructor(private target: number | undefined) {}

  /** The port clients connect to. */
  public get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The endpoint is closed: it has no port any more.');
    return address.port;
  }

  /** Number of client connections that are open now. */
  public get connections(): number {
    return this.pairs.size;
  }

  /** Sends connections from now on to this port, or nowhere; those that are open stay where they are (see `dropConnections`). */
  public retarget(port: number | undefined): void {
    this.target = port;
  }

  /** While true, every new connection is closed at once, as by a server that is not there. */
  public refuse(refusing: boolean): void {
    this.refusing = refusing;
  }

  /** Breaks all open connections. */
  public dropConnections(): void {
    for (const [client, upstream] of this.pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    this.pairs.clear();
  }

  /** Breaks all connections and gives the port back; a second call waits for the first. */
  public close(): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      this.server.close(() => resolve());
      this.dropConnections();
    });
    return this.closing;
  }

  private accept(client: Socket): void {
    // a client that goes away in the middle is its own business.
    client.on('error', () => undefined);
    if (this.refusing || this.target === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: this.target, host: loopback, allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    this.pairs.set(client, upstream);
    // either side's breakdown is passed on as one; an orderly end only as far as it goes.
    upstream.on('error', () => client.resetAndDestroy());
    client.on('error', () => upstream.resetAndDestroy());
    client.on('close', () => {
      upstream.destroy();
      this.pairs.delete(client);
    });
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  }
}
