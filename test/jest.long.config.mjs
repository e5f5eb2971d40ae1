import { shared } from './jest.shared.mjs';

/** In one process and without tools like unit tests, but long: thousands of random cases, whole rollouts by the dozen. */
export default { ...shared, testMatch: ['**/*.test.long.ts'], testTimeout: 600_000, maxWorkers: '100%' };
