import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a server of this machine and passes on what both sides say, and that they have ended. */
export interface Relay {
  readonly port: number;
  /** How many connections the server has and has not closed yet, whether or not their caller is still there. */
  open(): number;
  close(): Promise<void>;
}

export async function startRelay(serverPort: number): Promise<Relay> {
  const open = new Set<Socket>();
  const relay = createServer({ allowHalfOpen: true }, (caller) => {
    const server = connect({ host: '127.0.0.1', port: serverPort, allowHalfOpen: true });
    server.once('connect', () => open.add(server));
    server.once('close', () => open.delete(server));
    for (const [from, to] of [
      [caller, server],
      [server, caller],
    ] as const) {
      from.pipe(to);
      // Nobody is left to hear it.
      from.on('error', () => from.destroy());
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return {
    port: (relay.address() as AddressInfo).port,
    open: () => open.size,
    close: () => new Promise((resolve) => relay.close(() => resolve())),
  };
}
