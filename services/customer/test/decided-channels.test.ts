import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decidedChannels, noPreferences } from '../customers.ts';
import { channels } from '../schemas.ts';

const none = noPreferences.channels;
const choice = fc.record({
  email: fc.boolean(),
  sms: fc.boolean(),
  push: fc.boolean(),
  slack: fc.boolean(),
});

test.each([
  ['the first choice decides every channel, a no too', 1, none, none, ['email', 'sms', 'push', 'slack']],
  ['a later one decides what changes', 2, none, { ...none, sms: true }, ['sms']],
  ['the same choice again decides nothing', 3, { ...none, push: true }, { ...none, push: true }, []],
] as const)('%s', (_title, version, before, wanted, decided) => {
  expect(decidedChannels({ channels: before, version }, wanted)).toEqual(decided);
});

test('the log of any choices says, line after line, what is chosen now', () => {
  fc.assert(
    fc.property(fc.array(choice, { minLength: 1, maxLength: 20 }), (choices) => {
      const log = new Map<string, boolean>();
      let before = noPreferences;
      for (const wanted of choices) {
        for (const channel of decidedChannels(before, wanted)) log.set(channel, wanted[channel]);
        before = { channels: wanted, version: before.version + 1 };
      }
      expect(Object.fromEntries(channels.map((channel) => [channel, log.get(channel)]))).toEqual(
        before.channels,
      );
    }),
  );
});
