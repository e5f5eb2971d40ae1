import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndpointAnswer } from '../docker-task-endpoints.ts';

/** One call of an SDK client, by the last part of its X-Amz-Target. */
type Operation = (input: Record<string, unknown>) => object;

/**
 * The part of AWS that a task runtime calls, over HTTP and a unix socket: CloudWatch Logs, Secrets Manager and
 * SSM kept in memory, and the task endpoints passed on. An operation that is not here answers an AWS error.
 */
export class AgentStand {
  /** `group stream` to the messages put there, in order of arrival. */
  readonly lines = new Map<string, string[]>();
  readonly parameters = new Map<string, string>();
  readonly secrets = new Map<string, string>();
  taskEndpoints: (path: string, authorization?: string) => Promise<EndpointAnswer> = async () => ({
    status: 404,
    body: '',
  });
  endpoint = '';
  socketPath = '';
  #folder = '';
  readonly #servers: Server[] = [];
  readonly #arrivals = new EventEmitter();

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'agent-stand-'));
    this.socketPath = join(this.#folder, 'gateway.sock');
    const onHttp = await this.#listen({ host: '127.0.0.1', port: 0 });
    await this.#listen({ path: this.socketPath });
    this.endpoint = `http://127.0.0.1:${(onHttp.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    await rm(this.#folder, { recursive: true });
  }

  /** Resolves once that stream has the line; what never comes is ended by the test's own time limit. */
  untilLine(streamEnd: string, line: string): Promise<void> {
    return new Promise((done) => {
      const look = () => {
        if (!this.linesOf(streamEnd).includes(line)) return;
        this.#arrivals.off('line', look);
        done();
      };
      this.#arrivals.on('line', look);
      look();
    });
  }

  /** Messages of the one stream whose name ends so. */
  linesOf(streamEnd: string): string[] {
    return [...this.lines].filter(([name]) => name.endsWith(streamEnd)).flatMap(([, lines]) => lines);
  }

  async #listen(where: object): Promise<Server> {
    const server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
      });
    });
    this.#servers.push(server);
    await new Promise<void>((done) => server.listen(where, done));
    return server;
  }

  async #answer(request: IncomingMessage): Promise<EndpointAnswer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url?.startsWith('/_berth/'))
      return this.taskEndpoints(request.url, request.headers.authorization);
    const name = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    try {
      const input = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
      const operation = this.#operations[name];
      if (!operation) throw Object.assign(new Error(`no ${name} here`), { name: 'UnsupportedOperation' });
      return { status: 200, body: JSON.stringify(operation(input)) };
    } catch (error) {
      const { name: type, message } = error as Error;
      return { status: 400, body: JSON.stringify({ __type: type, message }) };
    }
  }

  readonly #operations: Record<string, Operation> = {
    CreateLogStream: ({ logGroupName, logStreamName }) => {
      if (logGroupName === '/missing')
        throw fault('ResourceNotFoundException', 'The specified log group does not exist.');
      this.lines.set(`${logGroupName} ${logStreamName}`, []);
      return {};
    },
    CreateLogGroup: () => ({}),
    PutLogEvents: ({ logGroupName, logStreamName, logEvents }) => {
      const messages = (logEvents as { message: string }[]).map((event) => event.message);
      this.lines.get(`${logGroupName} ${logStreamName}`)?.push(...messages);
      this.#arrivals.emit('line');
      return {};
    },
    GetParameters: ({ Names }) => {
      const names = Names as string[];
      return {
        Parameters: names
          .filter((name) => this.parameters.has(name))
          .map((Name) => ({ Name, Value: this.parameters.get(Name) })),
        InvalidParameters: names.filter((name) => !this.parameters.has(name)),
      };
    },
    GetSecretValue: ({ SecretId }) => {
      const SecretString = this.secrets.get(SecretId as string);
      if (SecretString === undefined)
        throw fault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      return { SecretString };
    },
  };
}

function fault(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
