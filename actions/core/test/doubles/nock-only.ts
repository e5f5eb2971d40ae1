import { afterAll, afterEach, beforeEach } from '@jest/globals';
import nock from 'nock';

/** Has the tests of a file, or of a `describe`, reach no network but what nock answers, each with answers of its own. */
export function reachNockOnly(): void {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });
  // Node's http module outlives a test file: two files' nocks in one worker would answer twice.
  afterAll(() => nock.restore());
}
