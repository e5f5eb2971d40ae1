import type { Verdict, VerdictWord } from './verdict.ts';

/** From the worst to the best. A run of several services is as good as its worst verdict. */
const FROM_WORST: readonly VerdictWord[] = [
  'failed',
  'unknown',
  'stopped',
  'rolled-back',
  'superseded',
  'paused',
  'scaled-to-zero',
  'succeeded',
  'unchanged',
];

/** Picks the worst verdict: any red one before any green one. `unchanged` and green for an empty list. */
export function selectWorst(verdicts: readonly Pick<Verdict, 'word' | 'green'>[]): {
  word: VerdictWord;
  green: boolean;
} {
  const [worst] = [...verdicts].sort(
    (a, b) => Number(a.green) - Number(b.green) || FROM_WORST.indexOf(a.word) - FROM_WORST.indexOf(b.word),
  );
  return worst ? { word: worst.word, green: worst.green } : { word: 'unchanged', green: true };
}
