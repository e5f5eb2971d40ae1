import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { createTokenCheck } from '../token.ts';

/** A parameter that can change and fail, and counts its readings. */
function createRig(token = 'old') {
  const parameter = { token, fails: false, readings: 0 };
  const clock = createManualClock();
  const tokens = createTokenCheck({
    clock,
    log: pino({ level: 'silent' }),
    read: async () => {
      parameter.readings += 1;
      if (parameter.fails) throw new Error('SSM is down');
      return parameter.token;
    },
  });
  return { parameter, clock, tokens };
}

describe('a token', () => {
  test.each([
    ['old', true],
    ['Old', false],
    ['old ', false],
    ['', false],
    ['x'.repeat(10_000), false],
  ])('%j is accepted: %s', async (candidate, accepted) => {
    const { tokens } = createRig();
    expect(await tokens.matches(candidate)).toBe(accepted);
  });

  test('is read once for many requests', async () => {
    const { tokens, parameter } = createRig();
    await Promise.all(Array.from({ length: 50 }, () => tokens.matches('old')));
    expect(await tokens.matches('old')).toBe(true);
    expect(parameter.readings).toBe(1);
  });

  test('that has been rotated works at once, and the old one no longer', async () => {
    const { tokens, parameter, clock } = createRig();
    await tokens.matches('old');
    await clock.advance(5_000);
    parameter.token = 'new';
    expect(await tokens.matches('new')).toBe(true);
    expect(await tokens.matches('old')).toBe(false);
  });

  test('that is wrong reads SSM at most every five seconds', async () => {
    const { tokens, parameter, clock } = createRig();
    await tokens.matches('old');
    for (let second = 0; second < 20; second += 1) {
      await tokens.matches('guess');
      await clock.advance(1_000);
    }
    expect(parameter.readings).toBe(4);
  });
});

describe('while SSM fails', () => {
  test('the last good token goes on working', async () => {
    const { tokens, parameter, clock } = createRig();
    await tokens.matches('old');
    parameter.fails = true;
    await clock.advance(3_600_000);
    expect(await tokens.matches('old')).toBe(true);
    expect(await tokens.matches('wrong')).toBe(false);
  });

  test('nobody is let in or turned away before there was a token', async () => {
    const { tokens, parameter, clock } = createRig();
    parameter.fails = true;
    await expect(tokens.matches('old')).rejects.toMatchObject({ code: 'TOKEN_UNCHECKED' });
    expect(tokens.assertLoaded).toThrow('SSM has not given the token yet.');
    parameter.fails = false;
    await clock.advance(5_000);
    expect(await tokens.matches('old')).toBe(true);
  });
});

test('the token is read again every minute until told to stop', async () => {
  const { tokens, parameter, clock } = createRig();
  const stop = new AbortController();
  const ended = tokens.keepFresh(stop.signal);
  await clock.advance(0);
  tokens.assertLoaded();
  parameter.token = 'new';
  await clock.advance(60_000);
  expect(await tokens.matches('old')).toBe(false);
  await clock.advance(120_000);
  stop.abort();
  await ended;
  await clock.advance(600_000);
  expect(parameter.readings).toBe(4);
});
