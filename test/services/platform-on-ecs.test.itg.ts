import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Release } from '../../local/demo/platform/fleet.ts';
import { goldenJourney, type JourneyGround } from '../../local/demo/platform/golden-journey.ts';
import { startJourneys } from '../../local/demo/platform/journeys.ts';
import { shipOneProcess } from '../../local/demo/platform/one-process.ts';
import { type Platform, startPlatform } from '../../local/demo/platform/platform.ts';
import { badOrders } from '../../services/standalone/bad-orders.ts';
import { type Files, readStandaloneFiles } from '../../services/standalone/files.ts';

const repository = join(import.meta.dirname, '../..');
const largestImage = 8_000_000;
let files: Files;
let platform: Platform;
let first: Release;
let gate: JourneyGround;

beforeAll(async () => {
  const lock = await readFile(join(repository, 'package-lock.json'), 'utf8');
  files = await readStandaloneFiles(join(repository, 'services'), lock);
  platform = await startPlatform({ files, timeScale: 0.1, log: () => undefined });
  first = await platform.build(files, 'first');
  await platform.fleet.create(first);
  gate = { base: platform.fleet.url('gateway'), manager: platform.ground.firstManager };
}, 600_000);
afterAll(() => platform?.stop());

test('every image is at most 8 MB above its base', () => {
  expect(platform.sizes.size).toBe(10);
  expect([...platform.sizes].filter(([, bytes]) => bytes > largestImage)).toEqual([]);
});

describe('the ten services', () => {
  test('are deployed by the pack in dependency order, each migrated before and asked after', async () => {
    const shipped = await platform.fleet.ship({ ...first, version: 'second' });
    expect({ exitCode: shipped.exitCode, log: shipped.exitCode === 0 ? '' : shipped.log }).toEqual({
      exitCode: 0,
      log: '',
    });
    const order = shipped.verdicts.map(({ service }) => service);
    expect(order.toSorted()).toEqual(Object.keys(first.images).toSorted());
    for (const { name, needs } of platform.fleet.services)
      for (const needed of needs) expect(order.indexOf(needed)).toBeLessThan(order.indexOf(name));
    expect(new Set(shipped.verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['succeeded']));
    expect(new Set(shipped.smoke.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
    for (const { name, migrates } of platform.fleet.services)
      expect(shipped.log.includes(`migrate/${name} |`)).toBe(migrates);
  }, 600_000);

  test('carry a delivery from a new customer to the word that it has arrived', async () => {
    const journey = await goldenJourney(gate);
    // Whether it hears of the driver is a race: the order is there before anybody can watch it.
    expect(journey.heard.slice(-2)).toEqual(['picked-up', 'delivered']);
    expect(journey.told).toEqual(expect.arrayContaining(['order_created', 'order_delivered']));
  });

  test.each(badOrders.map((bad) => [bad.name, bad] as const))(
    'an order that %s is caught and carried back, and no traveller notices',
    async (_name, bad) => {
      const { images } = await platform.build(bad.apply(files), bad.name.replaceAll(' ', '-'), ['order']);
      const journeys = startJourneys(gate);
      const shipped = await platform.fleet.ship({ version: bad.name, images });
      const counts = await journeys.stop();
      expect(shipped.exitCode).toBe(1);
      expect({ failed: counts.failed, notes: counts.notes }).toEqual({ failed: 0, notes: [] });
      expect(counts.made).toBeGreaterThan(0);
      expect({ serves: await versionOf('order'), log: shipped.log }).toMatchObject({ serves: 'second' });
    },
    600_000,
  );
});

test('the one process of a small installation is shipped by the pack and carries a delivery over HTTPS', async () => {
  const { shipped, journey } = await shipOneProcess(platform, files);
  expect({ exitCode: shipped.exitCode, log: shipped.exitCode === 0 ? '' : shipped.log }).toEqual({
    exitCode: 0,
    log: '',
  });
  expect(shipped.verdicts).toMatchObject([{ service: 'all', verdict: 'succeeded' }]);
  expect(new Set(shipped.smoke.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
  expect(journey.heard.slice(-2)).toEqual(['picked-up', 'delivered']);
  expect(journey.told).toEqual(expect.arrayContaining(['order_created', 'order_delivered']));
}, 600_000);

/** The version that a service says it is. */
async function versionOf(name: string): Promise<unknown> {
  const answer = await fetch(`${platform.fleet.url(name)}/version`);
  return ((await answer.json()) as { version?: string }).version;
}
