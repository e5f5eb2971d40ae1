import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readManifest } from '../../local/demo/platform/catalogue.ts';
import { type Fleet, openFleet } from '../../local/demo/platform/fleet.ts';
import { goldenJourney } from '../../local/demo/platform/golden-journey.ts';
import { type PlatformGround, startGround } from '../../local/demo/platform/ground.ts';
import { readStandaloneFiles } from '../../services/standalone/files.ts';

const repository = join(import.meta.dirname, '../..');
let files: Readonly<Record<string, string>>;
let ground: PlatformGround;
let fleet: Fleet;
const images: Record<string, string> = {};
const sizes: Record<string, number> = {};
const t0 = Date.now();
const say = (line: string) => process.stderr.write(`${((Date.now() - t0) / 1000).toFixed(1)} ${line}\n`);

beforeAll(async () => {
  const lock = await readFile(join(repository, 'package-lock.json'), 'utf8');
  files = await readStandaloneFiles(join(repository, 'services'), lock);
  const manifest = readManifest(files, 'berth.yaml');
  const names = Object.keys(manifest.services);
  ground = await startGround({
    files,
    prefix: manifest.registry.prefix,
    roles: ['platform-execution', 'email-execution', ...names.map((name) => `${name}-task`)],
    timeScale: 0.1,
    log: say,
  });
  say('ground');
  fleet = await openFleet(ground, manifest, files);
  for (const { name } of fleet.services) {
    const built = await ground.images.build(name, files, 'first');
    images[name] = built.reference;
    sizes[name] = built.bytesAboveBase;
    say(`${name} ${built.bytesAboveBase}`);
  }
  await fleet.create({ version: 'first', images });
  say('created');
});
afterAll(async () => {
  await fleet?.close();
  await ground?.stop();
});

test('every image is at most 8 MB above its base', () => {
  expect(Object.entries(sizes).filter(([, bytes]) => bytes > 8_000_000)).toEqual([]);
});

describe('the ten services', () => {
  test('are deployed by the pack in dependency order, each migrated before and asked after', async () => {
    const shipped = await fleet.ship({ version: 'second', images });
    say(shipped.log);
    expect(shipped.exitCode).toBe(0);
    const journey = await goldenJourney({ base: fleet.url('gateway'), manager: ground.firstManager });
    say(JSON.stringify(journey));
  });
});
