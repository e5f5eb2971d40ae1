import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as ecr from '@aws-sdk/client-ecr';
import type { RequestContext } from '../wire/service.ts';
import { createAdmin } from './admin.ts';
import { artifactHandlers } from './api-artifacts.ts';
import { imageHandlers } from './api-images.ts';
import { layerHandlers } from './api-layers.ts';
import { lifecycleHandlers } from './api-lifecycle.ts';
import { replicationHandlers } from './api-replication.ts';
import { registryOf, repositoryHandlers } from './api-repositories.ts';
import { scanHandlers } from './api-scans.ts';
import { createBlobStore } from './blob-store.ts';
import { createImageResolver, type ImageResolver, locateRegistry, parseReference } from './image-locator.ts';
import { createLogins, type LoginHolder, type Logins } from './login.ts';
import type { RegistryGuard } from './oci/guard.ts';
import { createRegistry } from './oci/registry.ts';
import type { RegistryId } from './records.ts';
import { createReplication } from './replication.ts';
import { createRepositories } from './repositories.ts';
import { createUploads } from './uploads.ts';

export type EcrOptions = {
  /** Epoch milliseconds. */
  now: () => number;
  /** That many unpredictable bytes. */
  randomBytes: (size: number) => Uint8Array;
  /** Host and port that images are pushed to, e.g. `127.0.0.1:4566`. */
  registryHost: string;
  /** Where blobs lie; made when first needed, removed by the caller. */
  folder: string;
  /** Multiplies the time that an archived image takes to come back: 1 (default) is 20 minutes. */
  timeScale?: number;
  /** The registry that admin calls mean when they name none. */
  home?: RegistryId;
  /** Says whether the holder of a login may pull or push; by default everybody may. */
  guard?: RegistryGuard;
};

/** ECR says within 20 minutes. */
const ACTIVATION_MS = 20 * 60 * 1000;

/** Credentials for a pull, as the Docker Engine API takes them. */
export type PullCredentials = { username: string; password: string; serveraddress: string };

/**
 * Makes ECR: its API, the OCI registry behind it, and the answers a container runtime needs. Blobs lie
 * on disk, the rest is in memory.
 */
export function createEcr(options: EcrOptions) {
  const repositories = createRepositories();
  const replication = createReplication(repositories);
  const blobs = createBlobStore(options.folder);
  const uploads = createUploads(blobs, () => Buffer.from(options.randomBytes(16)).toString('hex'));
  const logins = createLogins(options);
  const hosts = [options.registryHost, options.registryHost.replace(/^127\.0\.0\.1(?=:)/, 'localhost')];
  const images: ImageResolver = createImageResolver(repositories, hosts, options.now);

  return {
    handlers: {
      ...repositoryHandlers(repositories, options.registryHost),
      ...imageHandlers(repositories, replication),
      ...layerHandlers(repositories, blobs, uploads),
      ...artifactHandlers(repositories, ACTIVATION_MS * (options.timeScale ?? 1)),
      ...lifecycleHandlers(repositories),
      ...scanHandlers(repositories),
      ...replicationHandlers(repositories, replication),
      ...loginHandlers(logins, options.registryHost),
    },
    /** Serves `/v2/…`. */
    registry: createRegistry({
      ...{ repositories, replication, blobs, uploads, logins },
      now: options.now,
      guard: options.guard ?? (async () => undefined),
    }) satisfies (request: IncomingMessage, response: ServerResponse) => Promise<void>,
    images,
    /** Serves `/_berth/ecr/…`: what scans find. */
    admin: createAdmin(repositories, options.home ?? { accountId: '123456789012', region: 'us-east-1' }),
    /**
     * Credentials to pull an image of this registry for an account; `undefined` for any other registry. With a
     * holder they open what its permissions allow.
     */
    pullCredentials(
      image: string,
      accountId: string,
      region: string,
      holder?: LoginHolder,
    ): PullCredentials | undefined {
      const reference = parseReference(image, hosts);
      if (!reference) return undefined;
      const own = { accountId, region };
      const registry = locateRegistry(repositories, reference.name, own) ?? own;
      const { username, password } = logins.issue(registry, holder);
      return { username, password, serveraddress: options.registryHost };
    },
  };
}

/** Handlers for what opens a registry. */
function loginHandlers(logins: Logins, host: string) {
  return {
    GetAuthorizationToken(input: ecr.GetAuthorizationTokenRequest, context: RequestContext) {
      const registryIds = input.registryIds?.length ? input.registryIds : [undefined];
      const authorizationData = registryIds.map((registryId) => {
        const { accountId, accessKeyId } = context;
        const registry = registryOf(context, registryId);
        const { token, expiresAt } = logins.issue(registry, { accountId, accessKeyId });
        return {
          authorizationToken: token,
          expiresAt: new Date(expiresAt),
          proxyEndpoint: `http://${host}`,
        };
      });
      return { authorizationData };
    },
  };
}
