import { shared } from './jest.shared.mjs';

/** Tests against real tools: a Docker engine, the AWS CLI, moto, act. */
export default { ...shared, testMatch: ['**/*.test.itg.ts'], testTimeout: 300_000, maxWorkers: 1 };
