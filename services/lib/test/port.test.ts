import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Type } from 'typebox';
import { readConfig } from '../config.ts';
import { readPort } from '../port.ts';

const port = { variable: 'METRICS_PORT', default: 9090 };
const schema = Type.Object({
  METRICS_PORT: Type.Integer({ default: port.default, minimum: 0, maximum: 65_535 }),
});

/** What a process would listen on with this text, or `refused`. */
function portOfService(text: string): number | 'refused' {
  try {
    return readConfig(schema, { METRICS_PORT: text }).METRICS_PORT;
  } catch {
    return 'refused';
  }
}

function portToAsk(text: string): number | 'refused' {
  try {
    return readPort(port, { METRICS_PORT: text });
  } catch {
    return 'refused';
  }
}

describe('the port to ask for health', () => {
  test.each([
    ['its variable', { METRICS_PORT: '9100', PORT: '8000' }, 9100],
    ['the default of a variable that is not there', { PORT: '8000' }, 9090],
    ['the default of a variable that is blank', { METRICS_PORT: '' }, 9090],
    ['the highest there is', { METRICS_PORT: '65535' }, 65_535],
  ])('is that of %s', (_what, environment, expected) => {
    expect(readPort(port, environment)).toBe(expected);
  });

  test.each([['ninety'], ['-1'], ['80.5'], ['65536'], ['0'], ['0x50'], [' 80'], ['8e3']])(
    'is not %j, and that is said without showing it',
    (text) => {
      const read = () => readPort(port, { METRICS_PORT: text });
      expect(read).toThrow(
        'The configuration is not usable:\n  METRICS_PORT must be a whole number of at least 1 up to 65535 (the port to ask for health).',
      );
    },
  );

  test('is the one that the service reads from the same text, whatever that is', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789.-+ ex'), maxLength: 7 });
    const texts = fc.oneof(digits, fc.string(), fc.integer({ min: -2, max: 70_000 }).map(String));
    fc.assert(
      fc.property(texts, (text) => {
        const served = portOfService(text);
        // Which one was free, only the service knows.
        expect(portToAsk(text)).toBe(served === 0 ? 'refused' : served);
      }),
    );
  });
});
