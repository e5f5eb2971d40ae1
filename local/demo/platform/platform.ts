import type { Files } from '../caller.ts';
import { readManifest } from './catalogue.ts';
import { type Fleet, openFleet, type Release } from './fleet.ts';
import { type PlatformGround, startGround } from './ground.ts';

/** The ten services of `berth.yaml` on the local AWS, with what they stand on. */
export interface Platform {
  readonly ground: PlatformGround;
  readonly fleet: Fleet;
  /** Images of these sources; only of the services named, where some are. */
  build(files: Files, tag: string, only?: readonly string[]): Promise<Release>;
  /** Bytes of every image above its base, by service and tag. */
  readonly sizes: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** More would not be faster on the two cores of a rehearsal. */
const buildsAtOnce = 2;

/** Starts the ground and opens the load balancer; no service runs yet. `files` are the services as a repository. */
export async function startPlatform(options: {
  files: Files;
  timeScale: number;
  log: (line: string) => void;
}): Promise<Platform> {
  const { files, timeScale, log } = options;
  const manifest = readManifest(files, 'berth.yaml');
  const names = Object.keys(manifest.services);
  const ground = await startGround({
    files,
    prefix: manifest.registry.prefix,
    roles: ['platform-execution', 'email-execution', ...[...names, 'all'].map((name) => `${name}-task`)],
    timeScale,
    log,
  });
  const fleet = await openFleet(ground, 'platform-prod', { manifest, files }).catch(
    async (error: unknown) => {
      await ground.stop();
      throw error;
    },
  );
  const sizes = new Map<string, number>();
  return {
    ...{ ground, fleet, sizes },
    async build(sources, version, only = fleet.services.map(({ name }) => name)) {
      const images: Record<string, string> = {};
      const left = only.values();
      const buildNext = async (name: string | undefined) => {
        if (name === undefined) return;
        const built = await ground.images.build(name, sources, version);
        images[name] = built.reference;
        sizes.set(`${name}:${version}`, built.bytesAboveBase);
      };
      // By itself: it makes and pushes the layers that all have in common.
      await buildNext(left.next().value);
      const works = Array.from({ length: buildsAtOnce }, async () => {
        for (const name of left) await buildNext(name);
      });
      // All ended, also when one has failed: what they push to is still there until then.
      await Promise.allSettled(works);
      await Promise.all(works);
      return { version, images };
    },
    async stop() {
      await fleet.close();
      await ground.stop();
    },
  };
}
