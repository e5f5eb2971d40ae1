import { platformTests, shared } from './jest.shared.mjs';

/** Tests against real tools: a Docker engine, the AWS CLI, moto, act. Those of the platform have a run of their own. */
export default {
  ...shared,
  testMatch: ['**/*.test.itg.ts'],
  testPathIgnorePatterns: [...shared.testPathIgnorePatterns, platformTests],
  testTimeout: 300_000,
  maxWorkers: 1,
};
