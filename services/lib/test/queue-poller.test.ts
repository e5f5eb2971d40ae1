import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createManualClock, settle } from '../../test/doubles/manual-clock.ts';
import { PoisonMessageError } from '../message-work.ts';
import type { Queue, QueueMessage } from '../queue.ts';
import { createQueuePoller, type PollerSettings } from '../queue-poller.ts';

const settings: PollerSettings = {
  inFlight: 20,
  receivers: 1,
  waitSeconds: 20,
  visibilitySeconds: 30,
  pauseMs: 0,
  receiveGraceMs: 1_000,
  finishMs: 30_000,
};

function createMessages(count: number): QueueMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    body: `body ${index}`,
    receiptHandle: `r${index}`,
    sentAt: 0,
    receiveCount: 1,
  }));
}

/** A queue that hands out what it has, waits like a long poll when it has nothing, and notes what is done to it. */
function createQueueDouble(waiting: QueueMessage[], clock: ReturnType<typeof createManualClock>) {
  const seen = {
    polls: 0,
    deleted: [] as string[],
    visibility: [] as { receiptHandle: string; seconds: number }[],
  };
  const faults = { receive: false, delete: false };
  const queue: Queue = {
    async receive({ count, waitSeconds }, signal) {
      seen.polls += 1;
      if (faults.receive) throw new Error('SQS is down');
      const endsAt = clock.now() + waitSeconds * 1_000;
      while (waiting.length === 0 && clock.now() < endsAt) await clock.sleep(100, signal);
      return waiting.splice(0, count);
    },
    async delete(handles) {
      if (faults.delete) return handles.map(() => false);
      seen.deleted.push(...handles);
      return handles.map(() => true);
    },
    async setVisibility(entries) {
      seen.visibility.push(...entries);
      return entries.map(() => true);
    },
  };
  return { queue, seen, faults };
}

/** Work that ends when the test says so. */
function createWork() {
  const started = new Map<string, { end: () => void; fail: (error: Error) => void }>();
  const process = (message: QueueMessage) =>
    new Promise<void>((resolve, reject) => started.set(message.id, { end: resolve, fail: reject }));
  return { started, process };
}

function createRig(count: number, changes: Partial<PollerSettings> = {}) {
  const clock = createManualClock();
  const waiting = createMessages(count);
  const { queue, seen, faults } = createQueueDouble(waiting, clock);
  const { started, process } = createWork();
  const poller = createQueuePoller({
    queue,
    process,
    settings: { ...settings, ...changes },
    clock,
    random: () => 0.5,
    log: pino({ level: 'silent' }),
  });
  return { clock, waiting, seen, faults, started, poller };
}

describe('receiving', () => {
  test('goes on while a batch is in work, up to the limit', async () => {
    const { poller, started, waiting } = createRig(50);
    poller.start();
    await settle();
    expect(started.size).toBe(20);
    expect(waiting).toHaveLength(30);
    started.get('m3')?.end();
    await settle();
    expect(started.size).toBe(21);
  });

  test('shares the limit between receivers', async () => {
    const { poller, started } = createRig(50, { receivers: 3, inFlight: 12 });
    poller.start();
    await settle();
    expect(started.size).toBe(12);
  });

  test('pauses only after a poll that found nothing', async () => {
    const { poller, seen, clock } = createRig(10, { pauseMs: 5_000 });
    poller.start();
    await settle();
    expect(seen.polls).toBe(2);
    await clock.advance(24_999);
    expect(seen.polls).toBe(2);
    await clock.advance(1);
    expect(seen.polls).toBe(3);
  });

  test('backs off while SQS fails, says so, and goes on afterwards', async () => {
    const { poller, started, faults, clock, seen } = createRig(1);
    faults.receive = true;
    poller.start();
    await clock.advance(60_000);
    expect(poller.isFailing()).toBe(true);
    expect(seen.polls).toBeLessThan(12);
    faults.receive = false;
    await clock.advance(30_000);
    expect(poller.isFailing()).toBe(false);
    expect(started.size).toBe(1);
  });
});

describe('a message', () => {
  test('is deleted once its work is done, and not before', async () => {
    const { poller, started, seen, clock } = createRig(3);
    poller.start();
    await settle();
    expect(seen.deleted).toEqual([]);
    for (const { end } of started.values()) end();
    await clock.advance(20);
    expect([...seen.deleted].sort()).toEqual(['r0', 'r1', 'r2']);
  });

  test('that fails comes again after a back-off with jitter', async () => {
    const { poller, started, seen } = createRig(1);
    poller.start();
    await settle();
    started.get('m0')?.fail(new Error('S3 is slow'));
    await settle();
    expect(seen.deleted).toEqual([]);
    expect(seen.visibility).toEqual([{ receiptHandle: 'r0', seconds: 2 }]);
  });

  test('that is poison comes again at once, so that the redrive policy parks it soon', async () => {
    const { poller, started, seen } = createRig(1);
    poller.start();
    await settle();
    started.get('m0')?.fail(new PoisonMessageError('no mail'));
    await settle();
    expect(seen.deleted).toEqual([]);
    expect(seen.visibility).toEqual([{ receiptHandle: 'r0', seconds: 0 }]);
  });

  test('stays hidden while its work takes long', async () => {
    const { poller, started, seen, clock } = createRig(1);
    poller.start();
    await clock.advance(44_000);
    expect(seen.visibility).toEqual([
      { receiptHandle: 'r0', seconds: 30 },
      { receiptHandle: 'r0', seconds: 30 },
    ]);
    started.get('m0')?.end();
    await clock.advance(60_000);
    expect(seen.visibility).toHaveLength(2);
  });

  test('stays hidden by its own time, whatever else is in work', async () => {
    const { poller, started, waiting, seen, clock } = createRig(1);
    poller.start();
    await clock.advance(10_000);
    waiting.push(...createMessages(2).slice(1));
    await clock.advance(6_000);
    expect(seen.visibility).toEqual([{ receiptHandle: 'r0', seconds: 30 }]);
    started.get('m0')?.end();
    await clock.advance(12_000);
    expect(seen.visibility.slice(1)).toEqual([{ receiptHandle: 'r1', seconds: 30 }]);
  });

  test('that could not be deleted frees its place all the same', async () => {
    const { poller, started, faults } = createRig(2, { inFlight: 1 });
    faults.delete = true;
    poller.start();
    await settle();
    started.get('m0')?.end();
    await settle();
    expect(started.has('m1')).toBe(true);
  });
});

describe('closing', () => {
  test('takes nothing more, finishes what is in work and then ends', async () => {
    const { poller, started, seen, clock, waiting } = createRig(25);
    poller.start();
    await settle();
    const closed = poller.close();
    await settle();
    for (const { end } of started.values()) end();
    await clock.advance(20);
    await closed;
    expect(seen.deleted).toHaveLength(20);
    expect(seen.visibility).toEqual([]);
    expect(waiting).toHaveLength(5);
    expect(clock.sleeping()).toBe(0);
  });

  test('makes visible again what could not be finished in time', async () => {
    const { poller, started, seen, clock } = createRig(2, { visibilitySeconds: 600 });
    poller.start();
    await settle();
    const closed = poller.close();
    started.get('m0')?.end();
    await clock.advance(31_000);
    await closed;
    expect(seen.deleted).toEqual(['r0']);
    expect(seen.visibility).toEqual([{ receiptHandle: 'r1', seconds: 0 }]);
  });

  test('gives back at once what a receive call under way still brings', async () => {
    const { poller, started, seen, clock, waiting } = createRig(0);
    poller.start();
    await settle();
    const closed = poller.close();
    waiting.push(...createMessages(2));
    await clock.advance(500);
    await closed;
    expect(started.size).toBe(0);
    expect(seen.visibility).toEqual([
      { receiptHandle: 'r0', seconds: 0 },
      { receiptHandle: 'r1', seconds: 0 },
    ]);
  });

  test('cuts a long poll on an empty queue after the grace', async () => {
    const { poller, clock } = createRig(0);
    poller.start();
    await settle();
    let closed = false;
    void poller.close().then(() => {
      closed = true;
    });
    await clock.advance(999);
    expect(closed).toBe(false);
    await clock.advance(1);
    expect(closed).toBe(true);
  });
});
