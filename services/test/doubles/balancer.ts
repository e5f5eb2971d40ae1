import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  url: string;
  /** Targets that get new requests, in turn. */
  targets: Set<string>;
  close(): void;
}

/** A load balancer at its smallest: round robin, kept-alive connections, no retry and no health check. */
export async function startBalancer(): Promise<Balancer> {
  const targets = new Set<string>();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let turn = 0;

  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const all = [...targets];
    turn += 1;
    const target = all[turn % all.length];
    if (target === undefined) {
      outgoing.writeHead(503).end();
      return;
    }
    const { host: _host, connection: _connection, ...headers } = incoming.headers;
    const url = new URL(incoming.url ?? '/', target);
    const inner = send(url, { method: incoming.method, headers, agent }, (response) => {
      const { connection: _hop, 'keep-alive': _kept, ...answer } = response.headers;
      outgoing.writeHead(response.statusCode ?? 502, answer);
      response.pipe(outgoing);
    });
    // As a load balancer does when a target resets or refuses.
    inner.on('error', (error) => outgoing.writeHead(502).end(`${target}: ${error.message}`));
    incoming.pipe(inner);
  }

  const server = createServer(forward);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}
