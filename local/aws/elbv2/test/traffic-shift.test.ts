import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, expect, test } from '@jest/globals';
import { ask, Front } from './front.ts';

const front = new Front();
afterEach(() => front.close());

const EVERY_MS = 5;
const REQUESTS_A_STEP = 60;

/** A target that answers its name after a moment and echoes over a WebSocket. */
function target(name: string) {
  const server = createServer({ keepAliveTimeout: 1000 }, (_, response) => {
    setImmediate(() => response.end(name));
  });
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.on('data', (data: Buffer) => void socket.write(`${name} ${data}`));
  });
  return front.listening(server);
}

async function openWebSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  front.defer(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toContain('101 Switching Protocols');
  return socket;
}

const echo = async (socket: Socket, text: string) => {
  socket.write(text);
  return String((await once(socket, 'data'))[0]);
};

/** Sends 200 requests a second, whether answered or not; gives the answers of each, failures by their cause. */
function load(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  front.defer(() => agent.destroy());
  return {
    async step(count: number): Promise<Set<string>> {
      const answers: Promise<string>[] = [];
      for (let sent = 0; sent < count; sent++) {
        const answer = ask(port, '/', { agent });
        answers.push(
          answer.then(
            ({ status, body }) => (status === 200 ? body : String(status)),
            (error: unknown) => String(error),
          ),
        );
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      }
      return new Set(await Promise.all(answers));
    },
  };
}

test('weights shift there and back under 200 requests a second without a failed request', async () => {
  const [blue, green] = await Promise.all([target('blue'), target('green')]);
  const { client, elbv2, arns, port, listener, time } = await front.balance({
    blue: [blue.port],
    green: [green.port],
  });
  const { Rules } = await client.send(new elb.DescribeRulesCommand({ ListenerArn: listener }));
  const rule = Rules?.[0]?.RuleArn ?? '';
  const shift = (toBlue: number, toGreen: number) =>
    elbv2.trafficRules.setWeights(rule, { [arns.blue ?? '']: toBlue, [arns.green ?? '']: toGreen });
  const traffic = load(port);

  shift(100, 0);
  const socket = await openWebSocket(port);
  const first = traffic.step(REQUESTS_A_STEP);
  expect(await first).toEqual(new Set(['blue']));
  for (const [toBlue, toGreen] of [
    [50, 50],
    [10, 90],
    [0, 100],
    [50, 50],
  ] as const) {
    const across = traffic.step(REQUESTS_A_STEP);
    shift(toBlue, toGreen);
    for (const answer of await across) expect(['blue', 'green']).toContain(answer);
    expect(await echo(socket, 'there?')).toBe('blue there?');
  }

  await client.send(
    new elb.ModifyListenerCommand({
      ListenerArn: listener,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arns.green }],
    }),
  );
  expect(await traffic.step(REQUESTS_A_STEP)).toEqual(new Set(['green']));
  elbv2.targetGroups.deregister(arns.blue ?? '', { id: '127.0.0.1', port: blue.port });
  expect(await traffic.step(REQUESTS_A_STEP)).toEqual(new Set(['green']));
  await time.pass(300_000);
  expect(elbv2.trafficRules.weights(rule)).toEqual({ [arns.green ?? '']: 1 });
});
