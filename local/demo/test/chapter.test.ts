import { describe, expect, it } from '@jest/globals';
import { Narrator, renderRows } from '../chapter.ts';

describe('the narrator', () => {
  it('tells when a chapter begins, and at the end how long each took', () => {
    let now = 1_000;
    const lines: string[] = [];
    const narrator = new Narrator(
      () => now,
      (line) => lines.push(line),
    );
    for (const [title, ms] of [
      ['a  The ground', 21_400],
      ['b  A push', 9_600],
      ['c  What came of it', 0],
    ] as const) {
      narrator.chapter(title);
      now += ms;
    }
    expect(lines).toEqual(['\n   0 s  a  The ground', '\n  21 s  b  A push', '\n  31 s  c  What came of it']);
    expect(narrator.chapterTimes()).toBe('a 21, b 10; 31 in all');
  });
});

describe('the closing table', () => {
  it('marks what was not expected', () => {
    const row = { step: 'a good commit', expected: 'succeeded', seconds: 31.52, served: 'email-api:2' };
    expect(
      renderRows([
        { ...row, verdict: 'succeeded' },
        { ...row, verdict: 'stopped' },
      ]),
    ).toEqual([
      '   step           verdict                       seconds  what served',
      '✓  a good commit  succeeded                     31.5     email-api:2',
      '✗  a good commit  stopped (expected succeeded)  31.5     email-api:2',
    ]);
  });
});
