import { platformTests, shared } from './jest.shared.mjs';

/**
 * The services on servers of their own (PostgreSQL, Redis, NATS, moto), without a Docker engine: each suite waits as
 * much as it works, and none knows of another: three at a time keep two cores busy.
 */
export default {
  ...shared,
  testRegex: [`${platformTests}.*\\.test\\.itg\\.ts$`],
  testTimeout: 300_000,
  testSequencer: '<rootDir>/test/jest.long-first.mjs',
  maxWorkers: 3,
};
