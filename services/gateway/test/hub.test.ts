import { beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createMemoryBus, type MemoryBus } from '../../lib/memory-bus.ts';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { type Client, createHub, type Hub, type LiveEvent } from '../hub.ts';

let registry: Registry;
let bus: MemoryBus;
let hub: Hub;
let listening: string[];

beforeEach(() => {
  registry = new Registry();
  bus = createMemoryBus({ clock: createManualClock(), log: pino({ level: 'silent' }), registry });
  listening = [];
  hub = createHub({
    registry,
    bus: {
      ...bus,
      listenLive(topic, listener) {
        const stop = bus.listenLive(topic, listener);
        listening.push(topic);
        return () => {
          listening.splice(listening.indexOf(topic), 1);
          stop();
        };
      },
    },
  });
});

function client() {
  const taken: LiveEvent[] = [];
  let restarts = 0;
  const one: Client = {
    take: (event) => void taken.push(event),
    restart() {
      restarts += 1;
    },
  };
  return { one, taken, restarts: () => restarts };
}

const topic = { name: 'order:1', subject: 'live.order.1' };

describe('the hub', () => {
  test('listens while somebody watches, once for all', () => {
    const [a, b] = [client(), client()];
    const leaveA = hub.join(a.one, 'ws');
    hub.join(b.one, 'events');
    hub.watch(a.one, topic);
    const stopB = hub.watch(b.one, topic);
    expect(listening).toEqual(['live.order.1']);
    leaveA();
    expect(listening).toEqual(['live.order.1']);
    stopB();
    expect(listening).toEqual([]);
  });

  test('makes one message for all who watch', () => {
    const [a, b] = [client(), client()];
    for (const { one } of [a, b]) {
      hub.join(one, 'ws');
      hub.watch(one, topic);
    }
    bus.publishLive('live.order.1', '{"version":2}');
    expect(a.taken[0]).toBe(b.taken[0]);
    expect(JSON.parse(String(a.taken[0]?.message))).toEqual({
      type: 'event',
      topic: 'order:1',
      data: { version: 2 },
    });
  });

  test('forgets who left, also while they were asking', () => {
    const { one, taken } = client();
    hub.join(one, 'ws')();
    hub.watch(one, topic);
    bus.publishLive('live.order.1', '{}');
    expect([taken, listening]).toEqual([[], []]);
  });

  test('counts who is connected, and once who leaves twice', async () => {
    const leave = hub.join(client().one, 'ws');
    expect(await registry.metrics()).toContain('ws_clients{hub="ws"} 1');
    leave();
    leave();
    expect(await registry.metrics()).toContain('ws_clients{hub="ws"} 0');
  });

  test('sends everybody away when it drains, and who comes after', () => {
    const [before, after] = [client(), client()];
    hub.join(before.one, 'ws');
    hub.drain();
    hub.join(after.one, 'events');
    expect([before.restarts(), after.restarts()]).toEqual([1, 1]);
  });
});
