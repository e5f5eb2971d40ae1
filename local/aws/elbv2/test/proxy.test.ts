import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, Front } from './front.ts';
import { createListener, createLoadBalancer, createTargetGroup, startBalanced } from './in-process.ts';
import { VirtualTime } from './virtual-time.ts';

const front = new Front();
afterEach(() => front.close());
const serve: Front['serve'] = (answer) => front.serve(answer);
const listening: Front['listening'] = (server) => front.listening(server);

/** A load balancer on virtual time with one listener that forwards everything to one group. */
async function balance(ports: number[], probe = 200) {
  const time = new VirtualTime();
  const { client, elbv2 } = startBalanced({
    clock: time,
    timer: time,
    probe: async () => ({ kind: 'answered', code: probe }),
  });
  front.defer(() => elbv2.stop());
  await elbv2.start();
  const balancer = await createLoadBalancer(client);
  const group = await createTargetGroup(client);
  const { port, arn } = await createListener(client, balancer, { Type: 'forward', TargetGroupArn: group });
  const register = (target: number) => elbv2.targetGroups.register(group, { id: '127.0.0.1', port: target });
  const deregister = (target: number) =>
    elbv2.targetGroups.deregister(group, { id: '127.0.0.1', port: target });
  for (const target of ports) register(target);
  await time.pass(0);
  return { time, client, elbv2, balancer, group, port, listener: arn, register, deregister };
}

describe('a request', () => {
  test('reaches the target with its method, path, body and forwarding fields', async () => {
    const target = await serve(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      const { method, url, headers } = incoming;
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.writeHead(201, 'Made').end(JSON.stringify({ method, url, headers, body }));
    });
    const { port } = await balance([target.port]);
    const answer = await ask(port, '/api/email?x=1', {
      method: 'POST',
      headers: { host: 'shop.test' },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'set-cookie': ['a=1', 'b=2'] } });
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'POST',
      url: '/api/email?x=1',
      body: 'hello',
      headers: {
        host: 'shop.test',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': String(port),
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      },
    });
  });

  test('streams both ways: a chunk is passed on before the next is made', async () => {
    const target = await serve((incoming, response) => {
      incoming.on('data', (chunk) => response.write(`echo ${chunk}`));
      incoming.on('end', () => response.end());
    });
    const { port } = await balance([target.port]);
    const sent = request({ host: '127.0.0.1', port, method: 'DELETE', agent: false });
    sent.setHeader('transfer-encoding', 'chunked');
    sent.write('one');
    const [answer] = await once(sent, 'response');
    expect(String((await once(answer, 'data'))[0])).toBe('echo one');
    sent.write('two');
    expect(String((await once(answer, 'data'))[0])).toBe('echo two');
    sent.end();
    await once(answer, 'end');
  });

  test('whose body the target does not read gets the answer, not a reset', async () => {
    const target = await serve((_incoming, response) => response.writeHead(413).end('too large'));
    const { port } = await balance([target.port]);
    const body = Buffer.alloc(8 * 1024 * 1024, 'x');
    const answers = [1, 2, 3, 4, 5].map(() => ask(port, '/', { method: 'POST', body }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([413, 413, 413, 413, 413]);
  });

  test('that its client gives up ends at the target too', async () => {
    let seen = 0;
    let ended = 0;
    const target = await serve((_, response) => {
      seen++;
      response.on('close', () => ended++);
    });
    const { port } = await balance([target.port]);
    const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
    sent.on('error', () => {});
    sent.write('half of it');
    await until(() => seen === 1);
    sent.destroy();
    await until(() => ended === 1);
    expect([seen, ended]).toEqual([1, 1]);
  });

  test('takes the targets in turn', async () => {
    const targets = await Promise.all(
      ['a', 'b', 'c'].map((name) => serve((_, response) => response.end(name))),
    );
    const { port } = await balance(targets.map((target) => target.port));
    const bodies: string[] = [];
    for (let i = 0; i < 6; i++) bodies.push((await ask(port)).body);
    expect(bodies.slice(0, 3).sort()).toEqual(['a', 'b', 'c']);
    expect(bodies.slice(3)).toEqual(bodies.slice(0, 3));
  });

  test('takes the rule that matches its path, else the default answer', async () => {
    const target = await serve((incoming, response) => response.end(incoming.url));
    const { port, client, listener, group } = await balance([target.port]);
    const FixedResponseConfig = {
      StatusCode: '404',
      ContentType: 'application/json',
      MessageBody: '{"error":"none"}',
    };
    const DefaultActions: elb.Action[] = [{ Type: 'fixed-response', FixedResponseConfig }];
    await client.send(
      new elb.CreateRuleCommand({
        ListenerArn: listener,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
        Actions: [{ Type: 'forward', TargetGroupArn: group }],
      }),
    );
    await client.send(new elb.ModifyListenerCommand({ ListenerArn: listener, DefaultActions }));
    expect(await ask(port, '/api/a?b')).toMatchObject({ status: 200, body: '/api/a?b' });
    expect(await ask(port, '/other?/api/')).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"error":"none"}',
    });
  });
});

describe('the load balancer answers', () => {
  test('503 without a target', async () => {
    const { port } = await balance([]);
    const answer = await ask(port);
    expect(answer).toMatchObject({
      status: 503,
      headers: { server: 'awselb/2.0', 'content-type': 'text/html' },
    });
    expect(answer.body).toContain('<h1>503 Service Temporarily Unavailable</h1>');
  });

  test('502 when nobody listens at the target', async () => {
    const gone = await serve(() => {});
    gone.close();
    const { port } = await balance([gone.port]);
    expect(await ask(port)).toMatchObject({ status: 502, body: expect.stringContaining('502 Bad Gateway') });
  });

  const says = (text: string) => (socket: Socket) => void socket.end(text);
  test.each<[string, (socket: Socket) => void]>([
    ['resets the connection', (socket) => void socket.resetAndDestroy()],
    ['closes without an answer', (socket) => void socket.end()],
    ['speaks another protocol', says('SSH-2.0-OpenSSH_9.2\r\n')],
    ['answers with half a header', says('HTTP/1.1 200 OK\r\nContent-Le')],
    ['answers with a status that is none', says('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n')],
    [
      'changes the protocol unasked',
      says('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    ],
  ])('502 when the target %s', async (_title, behave) => {
    const target = await listening(
      createTcpServer((socket) => {
        socket.once('data', () => behave(socket));
        socket.on('error', () => socket.destroy());
      }),
    );
    const { port } = await balance([target.port]);
    expect(await ask(port)).toMatchObject({ status: 502 });
  });

  test('504 when the target says nothing for the idle time', async () => {
    let arrived = () => {};
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const target = await serve(() => arrived());
    const { port, time } = await balance([target.port]);
    const answer = ask(port);
    await waiting;
    await time.pass(59_000);
    await time.pass(2000);
    expect(await answer).toMatchObject({
      status: 504,
      body: expect.stringContaining('504 Gateway Time-out'),
    });
  });

  test('from unhealthy targets when no other is left', async () => {
    const target = await serve((_, response) => response.end('still here'));
    const { port, time, client, group } = await balance([target.port], 500);
    await time.pass(60_000);
    const { TargetHealthDescriptions } = await client.send(
      new elb.DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toEqual({
      State: 'unhealthy',
      Reason: 'Target.ResponseCodeMismatch',
      Description: 'Health checks failed with these codes: [500]',
    });
    expect(await ask(port)).toMatchObject({ status: 200, body: 'still here' });
  });

  test('with a cut connection when the target breaks off in the middle', async () => {
    const target = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const { port } = await balance([target.port]);
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a draining target', () => {
  test('gets no new request and finishes the one it has', async () => {
    const held: (() => void)[] = [];
    const old = await serve((_, response) => held.push(() => response.end('old')));
    const next = await serve((_, response) => response.end('new'));
    const { port, register, deregister, time } = await balance([old.port]);
    const underWay = ask(port);
    await until(() => held.length === 1);
    register(next.port);
    await time.pass(0);
    deregister(old.port);
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(port)));
    expect(answers.map(({ body }) => body)).toEqual(['new', 'new', 'new', 'new']);
    held[0]?.();
    expect(await underWay).toMatchObject({ status: 200, body: 'old' });
  });

  test('is cut off when the deregistration delay ends', async () => {
    let arrived = 0;
    const target = await serve(() => arrived++);
    const { port, deregister, time, client, group } = await balance([target.port]);
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }];
    await client.send(new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes }));
    const underWay = ask(port);
    await until(() => arrived === 1);
    deregister(target.port);
    await time.pass(20_000);
    expect(await underWay).toMatchObject({ status: 502 });
  });
});

/** A target that agrees to every upgrade and echoes what it is told until that is `bye`. */
function serveEcho(): ReturnType<typeof listening> {
  const server = createServer();
  server.on('upgrade', (incoming, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Path: ${incoming.url}\r\n\r\n`,
    );
    socket.on('data', (data: Buffer) =>
      String(data) === 'bye' ? socket.end() : socket.write(`echo ${data}`),
    );
  });
  return listening(server);
}

/** Asks for an upgrade and gives the socket with the answer. */
async function upgrade(port: number): Promise<{ socket: Socket; answer: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  return { socket, answer: String((await once(socket, 'data'))[0]) };
}

test('a WebSocket goes on while its target drains, and is cut when the delay ends', async () => {
  const target = await serveEcho();
  const { port, deregister, time } = await balance([target.port]);
  const { socket } = await upgrade(port);
  deregister(target.port);
  // Less than the idle time-out of 60 s each, 299 s in all.
  for (const ms of [59_000, 59_000, 59_000, 59_000, 59_000, 4_000]) {
    await time.pass(ms);
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('echo hello');
  }
  const cut = once(socket, 'close');
  await time.pass(1_000);
  await cut;
});

test('a WebSocket passes through both ways and ends with the target', async () => {
  const target = await serveEcho();
  const { port } = await balance([target.port]);
  const { socket, answer } = await upgrade(port);
  expect(answer).toMatch(/^HTTP\/1\.1 101 .*X-Path: \/chat\r\n\r\n$/s);
  socket.write('hello');
  expect(String((await once(socket, 'data'))[0])).toBe('echo hello');
  socket.write('bye');
  await once(socket, 'close');
});

test('a WebSocket that the target refuses gets the answer of the target', async () => {
  const target = await serve((_, response) => response.writeHead(403).end('no'));
  const { port } = await balance([target.port]);
  const headers = { connection: 'Upgrade', upgrade: 'websocket' };
  expect(await ask(port, '/chat', { headers })).toMatchObject({ status: 403, body: 'no' });
});

test('a rolling replacement under load fails no request', async () => {
  const start = (name: string) =>
    serve((_, response) => {
      setImmediate(() => response.end(name));
    });
  const old = await Promise.all(['old-1', 'old-2'].map(start));
  const { port, register, deregister, time } = await balance(old.map((target) => target.port));
  const seen = new Map<string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  front.defer(() => agent.destroy());
  let stopped = false;
  const client = async () => {
    while (!stopped) {
      const { status, body } = await ask(port, '/', { agent });
      const key = status === 200 ? body : String(status);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: 8 }, client);
  const served = (name: string, times: number) => until(() => (seen.get(name) ?? 0) >= times);

  for (const [index, target] of old.entries()) {
    await served(`old-${index + 1}`, 20);
    const name = `new-${index + 1}`;
    register((await start(name)).port);
    await time.pass(0);
    await served(name, 20);
    deregister(target.port);
    await time.pass(300_000);
    target.close();
  }
  const before = seen.get('new-2') ?? 0;
  await served('new-2', before + 50);
  stopped = true;
  await Promise.all(clients);
  expect([...seen.keys()].sort()).toEqual(['new-1', 'new-2', 'old-1', 'old-2']);
});

test('a listener takes the port it asks for when it is free, another when it is not', async () => {
  const taken = await serve(() => {});
  const { client, balancer } = await balance([]);
  const action: elb.Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } };
  const other = await createListener(client, balancer, action, taken.port);
  expect(other.port).not.toBe(taken.port);
  expect(await ask(other.port)).toMatchObject({ status: 200 });
  await client.send(new elb.DeleteListenerCommand({ ListenerArn: other.arn }));
  const again = await createListener(client, balancer, action, other.port);
  expect(again.port).toBe(other.port);
});

/** Waits for something that real sockets bring about. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
