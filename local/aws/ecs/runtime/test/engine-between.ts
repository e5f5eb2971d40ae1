import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What one request to the engine is answered with instead. */
export interface EngineFault {
  /** Matched against `POST /containers/create?name=…`, without the version of the API. */
  request: RegExp;
  status: number;
  /** The body: the engine's own error document, or the lines of a pull. */
  body: object | readonly object[];
}

/**
 * Stands between a client and a real Docker engine on a unix socket: passes all on, answers some requests itself,
 * or is as dead as an engine that was killed.
 */
export class EngineBetween {
  readonly #engine: { socketPath: string } | { host: string; port: number };
  readonly #faults: EngineFault[] = [];
  #folder = '';
  #server: Server | undefined;

  /** `engineHost` is the DOCKER_HOST of the engine behind. */
  constructor(engineHost: string) {
    const { protocol, hostname, port, pathname } = new URL(engineHost);
    this.#engine = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port: Number(port) };
  }

  /** As DOCKER_HOST. */
  get host(): string {
    return `unix://${this.#socketPath}`;
  }

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'engine-'));
    await this.revive();
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }

  /** Answers the next request that fits with this. */
  answerNext(fault: EngineFault): void {
    this.#faults.push(fault);
  }

  /** Cuts every connection and takes no more. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  }

  /** Cuts every connection, as a restart of the engine does, and takes new ones. */
  cutConnections(): void {
    this.#server?.closeAllConnections();
  }

  /** Takes connections again. */
  async revive(): Promise<void> {
    const server = createServer({ keepAlive: false }, (incoming, outgoing) =>
      this.#answer(incoming, outgoing),
    );
    this.#server = server;
    await new Promise<void>((done) => server.listen(this.#socketPath, done));
  }

  get #socketPath(): string {
    return join(this.#folder, 'docker.sock');
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const line = `${incoming.method} ${(incoming.url ?? '').replace(/^\/v[\d.]+/, '')}`;
    const at = this.#faults.findIndex(({ request: pattern }) => pattern.test(line));
    const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
    if (fault) return void answerFault(incoming, outgoing, fault);
    const { method, url: path, headers } = incoming;
    const inward = request({ ...this.#engine, method, path, headers, agent: false });
    inward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    inward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => inward.destroy());
    incoming.pipe(inward);
  }
}

async function answerFault(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, body }: EngineFault,
): Promise<void> {
  incoming.resume();
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  for (const line of Array.isArray(body) ? body : [body]) {
    outgoing.write(`${JSON.stringify(line)}\r\n`);
    await delay(0);
  }
  outgoing.end();
}
