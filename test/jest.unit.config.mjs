import { shared } from './jest.shared.mjs';

/** Tables, properties and in-process protocol tests: no Docker, no child processes, no sleeping. */
export default { ...shared, testMatch: ['**/*.test.ts'], testTimeout: 20_000, maxWorkers: '100%' };
