import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { TcpProxy } from '../../../rehearsal/mysql';
import { eventually } from './eventually';

describe('TcpProxy', () => {
  const open: { close: () => unknown }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  const echo = async (name: string): Promise<number> => {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => socket.write(`${name}:${data}`));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push({
      close: () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    return (server.address() as AddressInfo).port;
  };
  const proxyTo = async (target?: number): Promise<TcpProxy> => {
    const proxy = await TcpProxy.open(target);
    open.push(proxy);
    return proxy;
  };
  const client = (port: number): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    open.push({ close: () => socket.destroy() });
    return socket;
  };
  const ask = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [answer] = await once(socket, 'data') as [Buffer];
    return answer.toString();
  };
  // not events.once, which fails at the error that comes before.
  const closeOf = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const isTurnedAway = async (port: number): Promise<boolean> => {
    const socket = client(port);
    await closeOf(socket);
    return socket.bytesRead === 0;
  };

  test('sends new connections to the new target; open ones stay', async () => {
    const [blue, green] = [await echo('blue'), await echo('green')];
    const proxy = await proxyTo(blue);
    const { port } = proxy;
    const old = client(port);
    expect(await ask(old, 'one')).toBe('blue:one');
    proxy.retarget(green);
    expect(await ask(old, 'two')).toBe('blue:two');
    expect(await ask(client(port), 'three')).toBe('green:three');
    expect(proxy.port).toBe(port);
    expect(proxy.connections).toBe(2);
  });

  test('drops what is open and counts what is left', async () => {
    const proxy = await proxyTo(await echo('blue'));
    const socket = client(proxy.port);
    await ask(socket, 'one');
    const closed = closeOf(socket);
    proxy.dropConnections();
    await closed;
    expect(proxy.connections).toBe(0);
    expect(await ask(client(proxy.port), 'two')).toBe('blue:two');
  });

  test('turns connections away without a target, while it refuses, and when nobody answers behind it', async () => {
    const target = await echo('blue');
    const proxy = await proxyTo();
    expect(await isTurnedAway(proxy.port)).toBe(true);
    proxy.retarget(target);
    proxy.refuse(true);
    expect(await isTurnedAway(proxy.port)).toBe(true);
    proxy.refuse(false);
    expect(await ask(client(proxy.port), 'one')).toBe('blue:one');
    // port 1 is reserved: nobody listens there.
    proxy.retarget(1);
    expect(await isTurnedAway(proxy.port)).toBe(true);
    await eventually('connections are forgotten', () => proxy.connections === 1);
  });

  test('gives the port back; closing twice is fine', async () => {
    const proxy = await proxyTo(await echo('blue'));
    const { port } = proxy;
    const socket = client(port);
    await ask(socket, 'one');
    const closed = closeOf(socket);
    await Promise.all([proxy.close(), proxy.close()]);
    await closed;
    const next = createServer().listen(port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
    expect(() => proxy.port).toThrow('The endpoint is closed');
  });
});
