import TestSequencer from '@jest/test-sequencer';

/**
 * The suites that take long, each that computes beside those that wait. Jest knows only of suites that it has run before
 * how long they take: in a fresh clone the longest of all would start last, and one core would have nothing to do while
 * it ends.
 */
const long = [
  'conformance',
  'dispatch',
  'notification-delivery',
  'rotation',
  'outbox-kills',
  'dispatch-outages',
  'email-pipeline',
  'gateway-hub',
  'dev',
  'degraded',
  'rolling-restart',
  'golden-journey',
  'telemetry',
];

/** Starts the long suites first, the others in Jest's own order. */
export default class LongFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = long.findIndex((name) => path.endsWith(`/${name}.test.itg.ts`));
      return at === -1 ? long.length : at;
    };
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
}
