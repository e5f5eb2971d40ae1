import { expect, it } from '@jest/globals';
import { parseDemoArguments } from '../arguments.ts';

it.each([
  [[], { kind: 'pipeline', keep: false }],
  [['--keep'], { kind: 'pipeline', keep: true }],
  [['platform'], { kind: 'platform' }],
])('takes %j', (args, request) => {
  expect(parseDemoArguments(args)).toEqual(request);
});

it.each([
  [['plattform'], 'there is no story "plattform"'],
  [['--kept'], 'there is no option --kept'],
  [['--keep=no'], 'there is no option --keep=no'],
  [['platform', '-k'], 'there is no option -k'],
  [['platform', 'pipeline'], 'it tells one story at a time, not platform and pipeline'],
  [['platform', '--keep'], 'platform leaves nothing running, so that it takes no --keep'],
])('refuses %j and says what to write', (args, what) => {
  expect(parseDemoArguments(args)).toEqual({
    kind: 'refused',
    reason: `berth demo: ${what}; write nothing, --keep, or platform.`,
  });
});
