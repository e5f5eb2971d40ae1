import { startPostgres } from '../../stack/postgres.ts';
import { type Seed, seedPlatform } from '../../stack/seed.ts';
import type { Files } from '../caller.ts';
import { readManifest } from './catalogue.ts';
import { openFleet, type Shipment } from './fleet.ts';
import type { Platform } from './platform.ts';

/** What came of the layout for a small installation. */
export interface OneProcess {
  readonly shipped: Shipment;
  /** Who was made known to it, and the order that one of them placed. */
  readonly seed: Seed;
}

/**
 * The single-service layout (`SERVICE=all`) beside the ten, on a database of its own: created on its first image,
 * shipped by the pack with all its migrations, and asked for accounts, drivers and an order.
 */
export async function shipOneProcess({ ground, build }: Platform, files: Files): Promise<OneProcess> {
  await using stack = new AsyncDisposableStack();
  const postgres = await startPostgres();
  stack.defer(() => postgres.stop());
  const database = 'small-database:5432';
  ground.aws.names.point(database, postgres.port);
  const atDatabase = (url = '') => url.replace(/@.*?\//, `@${database}/`);
  const own = {
    ...ground,
    values: { ...ground.values, DATABASE_URL: atDatabase(ground.values.DATABASE_URL) },
    migration: { DATABASE_ADMIN_URL: atDatabase(ground.migration.DATABASE_ADMIN_URL) },
  };
  const manifest = readManifest(files, 'berth.all.yaml');
  const fleet = await openFleet(own, 'platform-all', { manifest, files });
  stack.defer(() => fleet.close());
  const release = await build(files, 'first', ['all']);
  await fleet.create(release);
  const shipped = await fleet.ship({ ...release, version: 'second' });
  return { shipped, seed: await seedPlatform(fleet.url('all')) };
}
