import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Balancer {
  url: string;
  /** Targets that get new requests, in turn. */
  targets: Set<string>;
  close(): void;
}

/** A load balancer at its smallest: round robin, kept-alive connections, WebSockets, no retry and no health check. */
export async function startBalancer(): Promise<Balancer> {
  const targets = new Set<string>();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let turn = 0;

  function nextTarget(): string | undefined {
    const all = [...targets];
    turn += 1;
    return all[turn % all.length];
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = nextTarget();
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

  /** Passes the request on as it came, and then whatever either side says. */
  function tunnel({ method, url, rawHeaders }: IncomingMessage, client: Duplex, head: Buffer): void {
    const target = nextTarget();
    if (target === undefined) {
      client.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(target);
    const inner = connect(Number(port), hostname);
    const headers = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
    inner.write(`${method} ${url} HTTP/1.1\r\n${headers.join('')}\r\n`);
    inner.write(head);
    inner.pipe(client).pipe(inner);
    for (const [one, other] of [
      [inner, client],
      [client, inner],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  }

  const server = createServer(forward).on('upgrade', tunnel);
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
