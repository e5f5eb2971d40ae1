import { expect, test } from '@jest/globals';
import { reasonToDrop } from '../driver-sockets.ts';

const now = 1_000_000;
const client = { unanswered: 0, activeAt: now, expiresAt: now + 1 };
const idleMs = 60_000;

test.each([
  [undefined, 0, {}],
  [undefined, 1024 * 1024, { unanswered: 1, activeAt: now - 60_000 }],
  ['expired', 0, { expiresAt: now }],
  ['slow', 1024 * 1024 + 1, {}],
  ['silent', 0, { unanswered: 2 }],
  ['idle', 0, { activeAt: now - 60_001 }],
  ['expired', 2 ** 21, { expiresAt: now, unanswered: 2, activeAt: 0 }],
] as const)('is %s with %i unread bytes and %j', (reason, unread, change) => {
  expect(reasonToDrop(unread, { ...client, ...change }, now, idleMs)).toBe(reason);
});
