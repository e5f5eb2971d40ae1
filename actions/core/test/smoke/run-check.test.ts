import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Check, Reply } from '../../src/smoke/check.ts';
import { type CheckResult, pauseAfter, runCheck } from '../../src/smoke/run-check.ts';
import { virtualClock } from '../doubles/virtual-clock.ts';

const check: Check = {
  name: 'health',
  written: 'GET ${{ base }}/',
  method: 'GET',
  url: 'http://shop.example/',
  headers: {},
  timeoutMs: 5000,
  consecutive: 3,
  expect: { statuses: [], json: {}, headers: {} },
  place: { file: 'smoke.yaml', line: 3, column: 5 },
};
const answer = (status: number): Reply => ({ kind: 'answer', status, headers: {}, body: '' });
const replies: Record<string, Reply> = {
  r: answer(200), // right
  w: answer(500), // wrong
  t: answer(503), // transient, somebody there
  u: { kind: 'unreachable', reason: 'connection refused' },
  s: { kind: 'silent', reason: 'no answer' },
};

/** Plays a story of replies, one letter each, the last one for ever; each request takes `requestMs`. */
const play = async (
  story: string,
  given: { consecutive?: number; deadlineMs?: number; requestMs?: number } = {},
) => {
  const clock = virtualClock();
  const startedAt = clock.now();
  let asked = 0;
  const result = await runCheck(
    { ...check, consecutive: given.consecutive ?? 3 },
    {
      clock,
      random: () => 0.5,
      signal: new AbortController().signal,
      deadlineAt: startedAt + (given.deadlineMs ?? 60_000),
      onOutcome: () => undefined,
      ask: async () => {
        clock.advance(given.requestMs ?? 10);
        return replies[story[Math.min(asked++, story.length - 1)] ?? 'r'] ?? answer(200);
      },
    },
  );
  return { ...result, elapsedMs: clock.now() - startedAt };
};

describe('runCheck', () => {
  test.each<[string, string, CheckResult['verdict'], number]>([
    ['right at once', 'rrr', 'pass', 3],
    ['right after a restart', 'uuttrrr', 'pass', 7],
    ['wrong at once', 'www', 'fail', 3],
    ['wrong once, right then', 'wrrr', 'pass', 4],
    ['wrong twice among 503', 'wtwtwww', 'fail', 7],
    ['right twice, wrong, right', 'rrwrrr', 'pass', 6],
  ])('decides: %s (%s)', async (_, story, verdict, attempts) => {
    expect(await play(story)).toMatchObject({ verdict, attempts });
  });

  test.each<[string, string, CheckResult['verdict'], string]>([
    ['nobody there', 'u', 'error', 'connection refused'],
    ['503 for ever', 't', 'fail', 'status: expected 200 to 299, got 503'],
    ['silence for ever', 's', 'fail', 'no answer'],
  ])('ends at the deadline: %s', async (_, story, verdict, problem) => {
    const { problems, elapsedMs, ...result } = await play(story, { deadlineMs: 30_000, requestMs: 200 });
    expect(result.verdict).toBe(verdict);
    expect(problems).toEqual([problem]);
    expect(elapsedMs).toBeLessThanOrEqual(30_000 + 200);
  });

  test('fails what is right too late to be right often enough', async () => {
    const { verdict, problems } = await play('uuur', {
      deadlineMs: 5000,
      requestMs: 200,
      consecutive: 20,
    });
    expect(verdict).toBe('fail');
    expect(problems[0]).toMatch(/^only \d+ of 20 right answers in a row by the deadline$/);
  });

  test('passes on the first answer where one is enough, without a pause', async () => {
    expect(await play('r', { consecutive: 1, requestMs: 7 })).toMatchObject({
      verdict: 'pass',
      attempts: 1,
      elapsedMs: 7,
    });
  });

  test.each<[string, Reply, string[]]>([
    ['nobody was there', { kind: 'unreachable', reason: 'aborted' }, ['aborted']],
    ['the answer was still to come', { kind: 'silent', reason: 'aborted' }, ['aborted']],
    ['it was right so far', answer(200), []],
    ['it was wrong once', answer(500), ['status: expected 200 to 299, got 500']],
  ])('says nothing against what serves when the run is interrupted: %s', async (_, reply, problems) => {
    const result = await runCheck(check, {
      clock: virtualClock(),
      random: () => 0,
      signal: AbortSignal.abort(),
      deadlineAt: Number.POSITIVE_INFINITY,
      onOutcome: () => undefined,
      ask: async () => reply,
    });
    expect(result).toMatchObject({
      verdict: 'error',
      isInterrupted: true,
      attempts: 1,
      problems: ['the run was interrupted', ...problems],
    });
  });

  test('passes only on as many right answers in a row, fails early only on as many wrong ones', async () => {
    const story = fc.string({ unit: fc.constantFrom('r', 'w', 't', 'u', 's'), minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(story, fc.integer({ min: 1, max: 4 }), async (letters, consecutive) => {
        const { verdict, attempts, elapsedMs } = await play(letters, { consecutive, deadlineMs: 20_000 });
        const played = letters.padEnd(attempts, letters.at(-1)).slice(0, attempts);
        if (verdict === 'pass') expect(played.endsWith('r'.repeat(consecutive))).toBe(true);
        else if (!played.endsWith('w'.repeat(consecutive))) expect(elapsedMs).toBeGreaterThan(20_000 - 5000);
        expect(verdict === 'error').toBe(verdict !== 'pass' && played.endsWith('u'));
      }),
    );
  });
});

test('pauses longer while nothing answers, never more than five seconds, with jitter', () => {
  expect([1, 2, 3, 10].map((length) => pauseAfter({ kind: 'transient', length }, 0.5))).toEqual([
    250, 400, 640, 4000,
  ]);
  expect(pauseAfter({ kind: 'transient', length: 50 }, 0.999)).toBeLessThanOrEqual(5000);
  expect(pauseAfter({ kind: 'right', length: 9 }, 0)).toBe(75);
});
