import { once } from 'node:events';
import { type Agent, createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { type RequestOptions, request as tlsRequest } from 'node:https';
import type { AddressInfo, createServer as createTcpServer } from 'node:net';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { createListener, createLoadBalancer, createTargetGroup, startBalanced } from './in-process.ts';
import { VirtualTime } from './virtual-time.ts';

export type Listening = { port: number; close(): void };
export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

export interface Ask
  extends Pick<
    RequestOptions,
    'ca' | 'servername' | 'rejectUnauthorized' | 'minVersion' | 'maxVersion' | 'localAddress'
  > {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
  isSecure?: boolean;
}

/** One request; rejects when the connection breaks or the certificate is not trusted. */
export async function ask(port: number, path = '/', options: Ask = {}): Promise<Answer> {
  const { body, agent = false, isSecure, ...rest } = options;
  const sent = (isSecure ? tlsRequest : request)({ host: '127.0.0.1', port, path, agent, ...rest });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { status: answer.statusCode, headers: answer.headers, body: text };
}

/** Real servers on loopback and a load balancer on virtual time, all to be closed together. */
export class Front {
  readonly #cleanUps: (() => unknown)[] = [];

  defer(cleanUp: () => unknown): void {
    this.#cleanUps.push(cleanUp);
  }

  async close(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0).reverse()) await cleanUp();
  }

  async listening(server: Server | ReturnType<typeof createTcpServer>): Promise<Listening> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    };
    this.defer(close);
    return { port: (server.address() as AddressInfo).port, close };
  }

  serve(answer: NonNullable<Parameters<typeof createServer>[1]>): Promise<Listening> {
    return this.listening(createServer({ keepAliveTimeout: 1000 }, answer));
  }

  /** A started load balancer with groups by name, each with its targets, and one listener for the first. */
  async balance(groups: Record<string, number[]>, options: Parameters<typeof startBalanced>[0] = {}) {
    const time = new VirtualTime();
    const { client, elbv2 } = startBalanced({
      clock: time,
      timer: time,
      probe: async () => ({ kind: 'answered', code: 200 }),
      ...options,
    });
    this.defer(() => elbv2.stop());
    await elbv2.start();
    const balancer = await createLoadBalancer(client);
    const arns: Record<string, string> = {};
    for (const Name of Object.keys(groups)) arns[Name] = await createTargetGroup(client, { Name });
    const TargetGroups = Object.values(arns).map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 }));
    const action: Action =
      TargetGroups.length > 0
        ? { Type: 'forward', ForwardConfig: { TargetGroups } }
        : { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } };
    const listener = await createListener(client, balancer, action);
    for (const [name, ports] of Object.entries(groups)) {
      for (const port of ports) elbv2.targetGroups.register(arns[name] ?? '', { id: '127.0.0.1', port });
    }
    await time.pass(0);
    return { time, client, elbv2, balancer, arns, port: listener.port, listener: listener.arn };
  }
}
