import { beforeAll, describe, expect, test } from '@jest/globals';
import { Narrator } from '../../local/demo/chapter.ts';
import { demoPlatform } from '../../local/demo/platform/demo.ts';
import type { PlatformEnding } from '../../local/demo/platform/story.ts';
import { badOrders } from '../../services/standalone/bad-orders.ts';

const largestImage = 8_000_000;
/** All that the demo has printed; the reader of a red run needs it. */
const told: string[] = [];
let ending: PlatformEnding;
let exitCode: number;

beforeAll(async () => {
  const narrator = new Narrator(Date.now, (line) => told.push(line));
  const telling = demoPlatform(narrator, new AbortController().signal);
  ({ ending, exitCode } = await telling.catch((cause: Error) => {
    throw new Error(`${cause.message}\n${told.join('\n')}`, { cause });
  }));
}, 1_500_000);

test('npm run demo -- platform tells of nothing else than it expects', () => {
  expect({ exitCode, told: exitCode === 0 ? '' : told.join('\n') }).toEqual({ exitCode: 0, told: '' });
});

test('every image is at most 8 MB above its base', () => {
  expect(ending.sizes.size).toBe(10);
  expect([...ending.sizes].filter(([, bytes]) => !(bytes <= largestImage))).toEqual([]);
});

describe('the ten services', () => {
  test('are deployed by the pack in dependency order, each migrated before and asked after', () => {
    const { shipped, services } = ending;
    expect({ exitCode: shipped.exitCode, log: shipped.exitCode === 0 ? '' : shipped.log }).toEqual({
      exitCode: 0,
      log: '',
    });
    const order = shipped.verdicts.map(({ service }) => service);
    expect(order.toSorted()).toEqual(services.map(({ name }) => name).toSorted());
    for (const { name, needs } of services)
      for (const needed of needs) expect(order.indexOf(needed)).toBeLessThan(order.indexOf(name));
    expect(new Set(shipped.verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['succeeded']));
    expect(new Set(shipped.smoke.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
    for (const { name, migrates } of services)
      expect(shipped.log.includes(`migrate/${name} |`)).toBe(migrates);
  });

  test('carry a delivery from a new customer to the word that it has arrived', () => {
    const { heard, told } = ending.delivery;
    // Whether it hears of the driver is a race: the order is there before anybody can watch it.
    expect(heard.slice(-2)).toEqual(['picked-up', 'delivered']);
    expect(told).toEqual(expect.arrayContaining(['order_created', 'order_delivered']));
  });

  test.each(badOrders.map(({ name }) => name))(
    'an order that %s is caught and carried back, and no traveller notices',
    (name) => {
      const { failed, notes } = ending.journeys;
      expect({ failed, notes }).toEqual({ failed: 0, notes: [] });
      const { shipped, made, version } = ending.badOrders.find((bad) => bad.name === name) ?? {};
      expect(shipped?.exitCode).toBe(1);
      expect(made).toBeGreaterThan(0);
      expect({ version, log: shipped?.log }).toMatchObject({ version: 'second' });
    },
  );
});

test('the one process of a small installation is shipped by the pack and carries a delivery over HTTPS', () => {
  const { shipped, journey } = ending.oneProcess;
  expect({ exitCode: shipped.exitCode, log: shipped.exitCode === 0 ? '' : shipped.log }).toEqual({
    exitCode: 0,
    log: '',
  });
  expect(shipped.verdicts).toMatchObject([{ service: 'all', verdict: 'succeeded' }]);
  expect(new Set(shipped.smoke.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
  expect(journey.heard.slice(-2)).toEqual(['picked-up', 'delivered']);
  expect(journey.told).toEqual(expect.arrayContaining(['order_created', 'order_delivered']));
});
