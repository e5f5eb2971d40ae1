import { shared } from './jest.shared.mjs';

/** Properties over thousands of random cases: in one process and without tools like unit tests, but minutes long. */
export default { ...shared, testMatch: ['**/*.test.long.ts'], testTimeout: 600_000, maxWorkers: '100%' };
