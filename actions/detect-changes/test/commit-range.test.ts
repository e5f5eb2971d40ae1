import { expect, test } from '@jest/globals';
import { decideCommitRange } from '../src/commit-range.ts';

const sha = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';

test.each([
  ['an input, whatever the event', 'v1.2', 'push', { before: sha }, { base: 'v1.2', from: 'base' }],
  ['a push', undefined, 'push', { before: sha }, { base: sha, from: 'base' }],
  [
    'the first push of a branch',
    undefined,
    'push',
    { before: '0'.repeat(40) },
    { reason: expect.stringContaining('the branch is new') },
  ],
  [
    'a push without a payload',
    undefined,
    'push',
    {},
    { reason: expect.stringContaining('no commit before') },
  ],
  [
    'a pull request',
    undefined,
    'pull_request',
    { pull_request: { base: { sha } } },
    { base: sha, from: 'merge-base' },
  ],
  [
    'a merge group',
    undefined,
    'merge_group',
    { merge_group: { base_sha: sha } },
    { base: sha, from: 'merge-base' },
  ],
  [
    'a pull request of another shape',
    undefined,
    'pull_request',
    { pull_request: 1 },
    { reason: expect.stringContaining('names no base') },
  ],
  [
    'a dispatch',
    undefined,
    'workflow_dispatch',
    {},
    { reason: 'a workflow_dispatch run compares no commits' },
  ],
  ['no event', undefined, '', {}, { reason: 'a local run compares no commits' }],
])('takes the base of %s', (_, input, eventName, event, expected) => {
  expect(decideCommitRange(input, { eventName, event })).toEqual({ base: undefined, ...expected });
});
