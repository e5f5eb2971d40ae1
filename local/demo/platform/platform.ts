import type { Files } from '../caller.ts';
import { readManifest } from './catalogue.ts';
import { type Fleet, openFleet, type Release } from './fleet.ts';
import { type PlatformGround, startGround } from './ground.ts';

/** The ten services of `berth.yaml` on the local AWS, with what they stand on. */
export interface Platform {
  readonly ground: PlatformGround;
  readonly fleet: Fleet;
  /**
   * Images of these sources; only of the services named, where some are. Each is handed to `onImage` as soon as the
   * registry has it, and what that does is waited for.
   */
  build(
    files: Files,
    version: string,
    only?: readonly string[],
    onImage?: (service: string, image: string) => Promise<void>,
  ): Promise<Release>;
  /** Bytes of each service's newest image above its base. */
  readonly sizes: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

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
    async build(
      sources,
      version,
      only = fleet.services.map(({ name }) => name),
      onImage = async () => undefined,
    ) {
      const images: Record<string, string> = {};
      await untilAllEnded(
        only.map(async (name) => {
          const built = await ground.images.build(name, sources, version);
          images[name] = built.reference;
          sizes.set(name, built.bytesAboveBase);
          await onImage(name, built.reference);
        }),
      );
      return { version, images };
    },
    async stop() {
      await fleet.close();
      await ground.stop();
    },
  };
}

/** Gives what all came to, once all have ended, also when one has failed: what they work on is still there until then. */
export async function untilAllEnded<T extends readonly unknown[]>(works: T) {
  await Promise.allSettled(works);
  return Promise.all(works);
}
