import { describe, expect, test } from '@jest/globals';
import { selectWorst } from '../../src/decide/verdict-order.ts';

const green = (word: 'succeeded' | 'unchanged' | 'scaled-to-zero' | 'paused') => ({ word, green: true });
const red = (word: 'failed' | 'rolled-back' | 'unknown' | 'superseded' | 'stopped' | 'paused') => ({
  word,
  green: false,
});

describe('the worst verdict', () => {
  test.each([
    [[], 'unchanged', true],
    [[green('unchanged')], 'unchanged', true],
    [[green('unchanged'), green('succeeded')], 'succeeded', true],
    [[green('succeeded'), red('rolled-back')], 'rolled-back', false],
    [[red('rolled-back'), red('failed'), green('succeeded')], 'failed', false],
    [[red('superseded'), red('unknown')], 'unknown', false],
    [[green('paused'), red('superseded')], 'superseded', false],
    [[green('scaled-to-zero'), green('succeeded')], 'scaled-to-zero', true],
  ])('of %j is %s', (verdicts, word, isGreen) => {
    expect(selectWorst(verdicts)).toEqual({ word, green: isGreen });
  });
});
