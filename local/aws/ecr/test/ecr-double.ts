import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ecr from '@aws-sdk/client-ecr';
import { inProcessHandler } from '../../wire/in-process.ts';
import { jsonService } from '../../wire/json.ts';
import { createEcr, type EcrOptions } from '../ecr.ts';

export const digestOf = (content: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** ECR with a client per account, its registry on a loopback port, and a clock that stands still. */
export async function startEcr(options: Pick<EcrOptions, 'guard'> = {}) {
  let seed = 0;
  const clock = { now: 1_800_000_000_000 };
  const folder = await mkdtemp(join(tmpdir(), 'berth-ecr-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const host = `127.0.0.1:${address && typeof address !== 'string' ? address.port : 0}`;
  const parts = createEcr({
    folder,
    now: () => clock.now,
    randomBytes: (size) => Uint8Array.from({ length: size }, () => (seed++ * 37) % 251),
    registryHost: host,
    ...options,
  });
  server.on('request', (request, response) => {
    parts.registry(request, response).catch(() => response.destroy());
  });
  const service = jsonService(ecr, parts.handlers);
  const clientOf = (accountId = '123456789012', region = 'us-east-1') =>
    new ecr.ECRClient({
      region,
      credentials: { accessKeyId: accountId, secretAccessKey: 'secret' },
      requestHandler: inProcessHandler(service, (signer) => ({
        accountId: signer.accessKeyId,
        accessKeyId: signer.accessKeyId,
        region: signer.region,
        now: clock.now,
      })),
    });
  return {
    ...parts,
    clock,
    host,
    clientOf,
    /** A pusher with a login of the account. */
    async registryOf(accountId?: string, region?: string): Promise<RegistryClient> {
      const answer = await clientOf(accountId, region).send(new ecr.GetAuthorizationTokenCommand({}));
      return registryClient(host, answer.authorizationData?.[0]?.authorizationToken ?? '');
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type RegistryClient = ReturnType<typeof registryClient>;

function registryClient(host: string, token: string) {
  const call = (
    method: string,
    path: string,
    more: { body?: string; headers?: Record<string, string> } = {},
  ) =>
    fetch(path.startsWith('http') ? path : `http://${host}${path}`, {
      method,
      ...(more.body === undefined ? {} : { body: more.body }),
      headers: { authorization: `Basic ${token}`, ...more.headers },
    });
  const pushBlob = async (repository: string, content: string) => {
    const begun = await call('POST', `/v2/${repository}/blobs/uploads/`);
    const location = begun.headers.get('location') ?? '';
    await call('PATCH', location, { body: content });
    return call('PUT', `${location}?digest=${digestOf(content)}`);
  };
  const putManifest = (repository: string, reference: string, manifest: string, type = IMAGE) =>
    call('PUT', `/v2/${repository}/manifests/${reference}`, {
      body: manifest,
      headers: { 'content-type': type },
    });
  return {
    call,
    pushBlob,
    putManifest,
    /** Pushes an image of one layer and gives its digest. */
    async pushImage(repository: string, tag: string, layer: string): Promise<string> {
      const manifest = manifestOf(layer);
      await pushBlob(repository, CONFIG);
      await pushBlob(repository, layer);
      await putManifest(repository, tag, manifest);
      return digestOf(manifest);
    },
  };
}

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const CONFIG = '{"architecture":"amd64","os":"linux"}';

const descriptor = (mediaType: string, content: string) => ({
  mediaType,
  digest: digestOf(content),
  size: Buffer.byteLength(content),
});

export const manifestOf = (layer: string, more: object = {}): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: descriptor('application/vnd.oci.image.config.v1+json', CONFIG),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
    ...more,
  });

export const indexOf = (...manifests: string[]): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: manifests.map((text) => descriptor(IMAGE, text)),
  });
