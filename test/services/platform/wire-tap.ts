import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** What passed on a tapped connection: the same object for each connection, to keep notes by. */
export interface Passing {
  readonly connection: object;
  readonly from: 'client' | 'server';
  /** The bytes as Latin-1. */
  readonly text: string;
}

export interface WireTap {
  /** Where to connect instead of to the server. */
  readonly port: number;
  close(): Promise<void>;
}

/** A relay before a server of this machine that shows what passes; what `look` says `false` to never arrives. */
export async function startWireTap(
  serverPort: number,
  look: (passing: Passing) => boolean,
): Promise<WireTap> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    const connection = {};
    for (const [own, other, from] of [
      [client, upstream, 'client'],
      [upstream, client, 'server'],
    ] as const) {
      open.add(own.setNoDelay());
      own.on('data', (bytes) => {
        if (look({ connection, from, text: bytes.toString('latin1') })) other.write(bytes);
      });
      own.on('error', () => own.destroy());
      own.on('close', () => {
        open.delete(own);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
