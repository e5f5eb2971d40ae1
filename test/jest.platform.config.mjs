import { platformTests, shared } from './jest.shared.mjs';

/**
 * The services on servers of their own (PostgreSQL, Redis, NATS, moto), without a Docker engine: each suite waits more
 * than it works, and none knows of another, so that two run at a time.
 */
export default {
  ...shared,
  testRegex: [`${platformTests}.*\\.test\\.itg\\.ts$`],
  testTimeout: 300_000,
  maxWorkers: 2,
};
