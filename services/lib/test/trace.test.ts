import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLog } from '../log.ts';
import { createPlainTracer, currentSpan, readTraceparent, traced, within } from '../trace.ts';

const facts = { name: 'test', kind: 'internal' } as const;
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;

describe('a traceparent', () => {
  test('is read into its parts', () => {
    expect(readTraceparent(traceparent)).toEqual({
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      isRecorded: false,
    });
    expect(readTraceparent(`${traceparent.slice(0, -2)}03`)?.isRecorded).toBe(true);
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one of another version', traceparent.replace('00', 'ff')],
    ['one in capitals', traceparent.toUpperCase()],
    ['one without a trace', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`],
    ['one without a span', `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['one with more behind it', `${traceparent}-x`],
  ])('counts for nothing when it is %s', (_what, text) => {
    expect(readTraceparent(text)).toBeUndefined();
    expect(createPlainTracer(Math.random).begin(facts, text).traceId).not.toBe('a'.repeat(32));
  });
});

test('whatever the dice say, a trace that begins here is a good one', () => {
  const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(dice, (value) => {
      const span = createPlainTracer(() => value).begin(facts);
      expect(readTraceparent(span.traceparent)?.traceId).toBe(span.traceId);
    }),
  );
});

test('what is done within a span has its trace in the log, across waits and in children', async () => {
  const lines: { trace?: string }[] = [];
  const log = createLog({ service: 'sample', version: 'v1' }, 'info', {
    write: (line: string) => void lines.push(JSON.parse(line)),
  });
  const span = createPlainTracer(Math.random).begin(facts, traceparent);
  await within(span, async () => {
    await new Promise((resolve) => setTimeout(resolve));
    log.info('in it');
    await traced(facts, async (child) => expect(child?.traceparent).toBe(traceparent));
  });
  log.info('outside');
  expect(lines.map(({ trace }) => trace)).toEqual(['a'.repeat(32), undefined]);
  expect(currentSpan()).toBeUndefined();
});
