import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createManualClock, settle } from '../../test/doubles/manual-clock.ts';
import { createBatcher, ItemTooLargeError, QueueFullError } from '../batcher.ts';

const limits = { entries: 10, bytes: 256 * 1024, inFlight: 8, lingerMs: 5, queued: 2_000 };

/** Calls that end when the test says so. */
function createCalls() {
  const calls: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const send = (items: readonly number[]) =>
    new Promise<string[]>((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve(items.map((item) => `answer ${item}`)));
      calls.push({ items, end });
    });
  return { calls, send };
}

function createRig(changes: Partial<typeof limits> = {}, sizeOf: (item: number) => number = () => 1) {
  const clock = createManualClock();
  const { calls, send } = createCalls();
  const batcher = createBatcher<number, string>({ limits: { ...limits, ...changes }, clock, sizeOf, send });
  return { clock, calls, batcher, sent: () => calls.map(({ items }) => items) };
}

describe('when a batch goes out', () => {
  test('sends the first item at once', () => {
    const { batcher, sent } = createRig();
    void batcher.add(1);
    expect(sent()).toEqual([[1]]);
  });

  test('gathers what arrives while a call is in flight and sends it when the last call ends', async () => {
    const { batcher, calls, sent } = createRig();
    for (const item of [1, 2, 3]) void batcher.add(item);
    expect(sent()).toEqual([[1]]);
    calls[0]?.end();
    await settle();
    expect(sent()).toEqual([[1], [2, 3]]);
  });

  test('lets what is not due wait for company when one of several calls ends', async () => {
    const { batcher, calls, clock, sent } = createRig({ entries: 2 });
    for (const item of [1, 2, 3, 4]) void batcher.add(item);
    calls[0]?.end();
    await settle();
    expect(sent()).toEqual([[1], [2, 3]]);
    await clock.advance(5);
    expect(sent()).toEqual([[1], [2, 3], [4]]);
  });

  test('sends what is overdue as soon as a call is free', async () => {
    const { batcher, calls, clock, sent } = createRig({ entries: 2, inFlight: 2 });
    for (const item of [1, 2, 3, 4]) void batcher.add(item);
    await clock.advance(5);
    calls[0]?.end();
    await settle();
    expect(sent()).toEqual([[1], [2, 3], [4]]);
  });

  test('lets nobody wait longer than the linger once a call is free', async () => {
    const { batcher, calls, clock, sent } = createRig({ entries: 2, inFlight: 2 });
    for (const item of [1, 2, 3, 4, 5, 6]) void batcher.add(item);
    calls[0]?.end();
    await settle();
    expect(sent()).toEqual([[1], [2, 3], [4, 5]]);
    await clock.advance(5);
    calls[1]?.end();
    await settle();
    expect(sent()).toEqual([[1], [2, 3], [4, 5], [6]]);
  });

  test('sends a full batch without waiting for the call in flight', () => {
    const { batcher, sent } = createRig({ entries: 3 });
    for (const item of [1, 2, 3, 4]) void batcher.add(item);
    expect(sent()).toEqual([[1], [2, 3, 4]]);
  });

  test('sends a part-filled batch after the linger', async () => {
    const { batcher, clock, sent } = createRig();
    for (const item of [1, 2, 3]) void batcher.add(item);
    await clock.advance(4);
    expect(sent()).toHaveLength(1);
    await clock.advance(1);
    expect(sent()).toEqual([[1], [2, 3]]);
  });

  test('has no more calls in flight than allowed', () => {
    const { batcher, sent } = createRig({ entries: 1, inFlight: 2 });
    for (const item of [1, 2, 3, 4]) void batcher.add(item);
    expect(sent()).toEqual([[1], [2]]);
  });

  test('lets what comes later linger for itself', async () => {
    const { batcher, calls, clock, sent } = createRig();
    for (const item of [1, 2]) void batcher.add(item);
    await clock.advance(4);
    calls[0]?.end();
    await settle();
    void batcher.add(3);
    await clock.advance(4);
    expect(sent()).toEqual([[1], [2]]);
    await clock.advance(1);
    expect(sent()).toEqual([[1], [2], [3]]);
    await clock.advance(5);
    expect(clock.sleeping()).toBe(0);
  });

  test('flushes what waits and every call', async () => {
    const { batcher, calls, sent } = createRig();
    for (const item of [1, 2]) void batcher.add(item);
    const flushed = batcher.flush();
    for (const call of calls) call.end();
    await flushed;
    expect(sent()).toEqual([[1], [2]]);
  });
});

describe('what a caller hears', () => {
  test('is refused at once when too many wait', async () => {
    const { batcher } = createRig({ queued: 2, entries: 5 });
    for (const item of [1, 2, 3]) void batcher.add(item);
    await expect(batcher.add(4)).rejects.toThrow(QueueFullError);
  });

  test('is refused when the item alone is too large', async () => {
    const { batcher, sent } = createRig({ bytes: 100 }, (item) => item);
    await expect(batcher.add(101)).rejects.toThrow(ItemTooLargeError);
    expect(sent()).toEqual([]);
  });

  test('hears the error of its own call and no other', async () => {
    const { batcher, calls } = createRig({ entries: 1 });
    const [first, second] = [batcher.add(1), batcher.add(2)];
    calls[0]?.end(new Error('no queue'));
    calls[1]?.end();
    await expect(first).rejects.toThrow('no queue');
    await expect(second).resolves.toBe('answer 2');
  });

  test('hears an error when the answers do not match the items', async () => {
    const batcher = createBatcher({
      limits,
      clock: createManualClock(),
      sizeOf: () => 1,
      send: async () => [],
    });
    await expect(batcher.add(1)).rejects.toThrow('0 results came for 1 items.');
  });
});

describe('over all arrivals', () => {
  /** Item n weighs sizes[n] bytes; a step adds an item, ends a call, or lets time pass. */
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 120_000 }) }) },
      { weight: 2, arbitrary: fc.record({ end: fc.nat(7) }) },
      { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 10 }) }) },
    ),
    { minLength: 1, maxLength: 80 },
  );

  test('each caller gets its own answer, in batches of at most ten and 256 KiB, in order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const sizes: number[] = [];
        const { batcher, calls, clock, sent } = createRig({}, (item) => sizes[item] ?? 0);
        const answers: Promise<string>[] = [];
        const open = () => calls.filter((call) => !ended.has(call));
        const ended = new Set<(typeof calls)[number]>();
        const end = async (index: number) => {
          const call = open()[index % Math.max(1, open().length)];
          if (call === undefined) return;
          ended.add(call);
          call.end();
          await settle();
        };
        for (const step of script) {
          if ('add' in step) answers.push(batcher.add(sizes.push(step.add) - 1));
          else if ('end' in step) await end(step.end);
          else await clock.advance(step.pass);
          expect(open().length).toBeLessThanOrEqual(limits.inFlight);
        }
        while (open().length > 0) await end(0);
        expect(await Promise.all(answers)).toEqual(sizes.map((_size, item) => `answer ${item}`));
        expect(sent().flat()).toEqual(sizes.map((_size, item) => item));
        for (const items of sent()) {
          expect(items.length).toBeLessThanOrEqual(limits.entries);
          expect(items.reduce((sum, item) => sum + (sizes[item] ?? 0), 0)).toBeLessThanOrEqual(limits.bytes);
        }
      }),
      { numRuns: 100 },
    );
  });
});
