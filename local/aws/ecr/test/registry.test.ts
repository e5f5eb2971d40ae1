import { CreateRepositoryCommand, DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseRegistryPath } from '../oci/registry-path.ts';
import {
  CONFIG,
  digestOf,
  IMAGE,
  INDEX,
  indexOf,
  manifestOf,
  type RegistryClient,
  startEcr,
} from './ecr-double.ts';

let ecr: Awaited<ReturnType<typeof startEcr>>;
let registry: RegistryClient;

const createRepository = (repositoryName: string, more: object = {}) =>
  ecr.clientOf().send(new CreateRepositoryCommand({ repositoryName, ...more }));

beforeEach(async () => {
  ecr = await startEcr();
  registry = await ecr.registryOf();
  await createRepository('shop/web');
});
afterEach(() => ecr.stop());

const errorOf = async (response: Response): Promise<unknown> => {
  const { errors }: { errors?: unknown[] } = JSON.parse(await response.text());
  return { status: response.status, ...Object(errors?.[0]) };
};

describe('the registry', () => {
  test('challenges a caller without a login, and lets one in until the login expires', async () => {
    const stranger = await fetch(`http://${ecr.host}/v2/`);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toBe(
      `Basic realm="http://${ecr.host}/",service="ecr.amazonaws.com"`,
    );
    expect((await registry.call('GET', '/v2/')).status).toBe(200);
    ecr.clock.now += 12 * 3600 * 1000;
    expect((await registry.call('GET', '/v2/')).status).toBe(401);
  });

  test('gives back what was pushed, byte for byte', async () => {
    const digest = await registry.pushImage('shop/web', 'v1', 'layer one');
    for (const reference of ['v1', digest]) {
      const got = await registry.call('GET', `/v2/shop/web/manifests/${reference}`);
      expect(got.headers.get('docker-content-digest')).toBe(digest);
      expect(got.headers.get('content-type')).toBe(IMAGE);
      expect(await got.text()).toBe(manifestOf('layer one'));
    }
    const head = await registry.call('HEAD', `/v2/shop/web/blobs/${digestOf('layer one')}`);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '9']);
    const blob = await registry.call('GET', `/v2/shop/web/blobs/${digestOf('layer one')}`);
    expect(await blob.text()).toBe('layer one');
  });

  test('takes a blob whole, in chunks, and from another repository', async () => {
    await createRepository('shop/base');
    const whole = await registry.call('POST', `/v2/shop/base/blobs/uploads/?digest=${digestOf('whole')}`, {
      body: 'whole',
    });
    expect([whole.status, whole.headers.get('location')]).toEqual([
      201,
      `/v2/shop/base/blobs/${digestOf('whole')}`,
    ]);
    const begun = await registry.call('POST', '/v2/shop/web/blobs/uploads/');
    const location = begun.headers.get('location') ?? '';
    const first = await registry.call('PATCH', location, {
      body: 'in ',
      headers: { 'content-range': '0-2' },
    });
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-2']);
    const gap = await registry.call('PATCH', location, { body: 'x', headers: { 'content-range': '9-9' } });
    expect([gap.status, gap.headers.get('range')]).toEqual([416, '0-2']);
    const end = await registry.call('PUT', `${location}?digest=${digestOf('in chunks')}`, { body: 'chunks' });
    expect(end.status).toBe(201);
    const from = `mount=${digestOf('whole')}&from=shop/base`;
    expect((await registry.call('POST', `/v2/shop/web/blobs/uploads/?${from}`)).status).toBe(201);
    expect((await registry.call('HEAD', `/v2/shop/web/blobs/${digestOf('whole')}`)).status).toBe(200);
    const unknown = `mount=${digestOf('unknown')}&from=shop/base`;
    expect((await registry.call('POST', `/v2/shop/web/blobs/uploads/?${unknown}`)).status).toBe(202);
  });

  test('refuses a blob of another digest and keeps nothing of it', async () => {
    const path = `/v2/shop/web/blobs/uploads/?digest=${digestOf('told')}`;
    expect(await errorOf(await registry.call('POST', path, { body: 'sent' }))).toMatchObject({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect((await registry.call('HEAD', `/v2/shop/web/blobs/${digestOf('told')}`)).status).toBe(404);
  });

  test('keeps an index, whose size is that of its largest image', async () => {
    await registry.pushImage('shop/web', digestOf(manifestOf('small')), 'small');
    await registry.pushImage('shop/web', digestOf(manifestOf('much larger')), 'much larger');
    const index = indexOf(manifestOf('small'), manifestOf('much larger'));
    expect((await registry.putManifest('shop/web', 'v1', index, INDEX)).status).toBe(201);
    const command = new DescribeImagesCommand({ repositoryName: 'shop/web', imageIds: [{ imageTag: 'v1' }] });
    expect((await ecr.clientOf().send(command)).imageDetails).toMatchObject([
      {
        imageDigest: digestOf(index),
        imageManifestMediaType: INDEX,
        imageSizeInBytes: Buffer.byteLength(CONFIG) + 11,
      },
    ]);
    const incomplete = await registry.putManifest('shop/web', 'v2', indexOf(manifestOf('unknown')), INDEX);
    expect(await errorOf(incomplete)).toMatchObject({ status: 400, code: 'MANIFEST_UNKNOWN' });
  });

  test('keeps an immutable tag, and takes the same image under it again', async () => {
    await createRepository('shop/fixed', { imageTagMutability: 'IMMUTABLE' });
    await registry.pushImage('shop/fixed', 'v1', 'one');
    expect((await registry.putManifest('shop/fixed', 'v1', manifestOf('one'))).status).toBe(201);
    await registry.pushBlob('shop/fixed', 'two');
    expect(await errorOf(await registry.putManifest('shop/fixed', 'v1', manifestOf('two')))).toEqual({
      status: 400,
      code: 'TAG_INVALID',
      message:
        "The image tag 'v1' already exists in the 'shop/fixed' repository and cannot be overwritten because the tag is immutable.",
    });
  });

  test('knows no repository that was not created, nor one of another account', async () => {
    expect(await errorOf(await registry.call('POST', '/v2/shop/none/blobs/uploads/'))).toEqual({
      status: 404,
      code: 'NAME_UNKNOWN',
      message: "The repository with name 'shop/none' does not exist in the registry with id '123456789012'",
    });
    const other = await ecr.registryOf('210987654321');
    expect(await errorOf(await other.call('GET', '/v2/shop/web/tags/list'))).toMatchObject({
      code: 'NAME_UNKNOWN',
    });
  });

  test('lists tags in order, page by page', async () => {
    for (const tag of ['c', 'a', 'b']) await registry.pushImage('shop/web', tag, tag);
    const page = await registry.call('GET', '/v2/shop/web/tags/list?n=2');
    expect(await page.json()).toEqual({ name: 'shop/web', tags: ['a', 'b'] });
    expect(page.headers.get('link')).toBe('</v2/shop/web/tags/list?n=2&last=b>; rel="next"');
  });

  test('lists what was pushed about an image', async () => {
    const subject = await registry.pushImage('shop/web', 'v1', 'one');
    await registry.pushBlob('shop/web', 'signature');
    const manifest = manifestOf('signature', {
      artifactType: 'application/x.sig',
      subject: { digest: subject },
    });
    const pushed = await registry.putManifest('shop/web', digestOf(manifest), manifest);
    expect(pushed.headers.get('oci-subject')).toBe(subject);
    const referrers = await registry.call('GET', `/v2/shop/web/referrers/${subject}`);
    expect(await referrers.json()).toMatchObject({
      manifests: [{ digest: digestOf(manifest), artifactType: 'application/x.sig' }],
    });
  });

  test('refuses what it does not offer', async () => {
    expect((await registry.call('DELETE', '/v2/shop/web/manifests/v1')).status).toBe(405);
    expect((await registry.call('GET', '/v2/_catalog')).status).toBe(404);
  });
});

describe('image references', () => {
  test('resolve to a digest by tag and by digest, also from another account', async () => {
    const digest = await registry.pushImage('shop/web', 'v1', 'one');
    const resolve = (image: string, account = '123456789012') =>
      ecr.images.resolve(image, account, 'us-east-1');
    expect(await resolve(`${ecr.host}/shop/web:v1`)).toBe(digest);
    expect(await resolve(`${ecr.host}/shop/web:v1`, '210987654321')).toBe(digest);
    expect(await resolve(`${ecr.host}/shop/web@${digest}`)).toBe(digest);
    expect(await resolve(`${ecr.host}/shop/web`)).toBeUndefined();
    expect(await resolve(`${ecr.host}/shop/none:v1`)).toBeUndefined();
    expect(await resolve('docker.io/library/nginx:1')).toBeUndefined();
  });

  test('are pulled with a login of the registry that has them', async () => {
    await registry.pushImage('shop/web', 'v1', 'one');
    const login = ecr.pullCredentials(`${ecr.host}/shop/web:v1`, '210987654321', 'eu-west-1');
    const authorization = `Basic ${Buffer.from(`${login?.username}:${login?.password}`).toString('base64')}`;
    const answer = await fetch(`http://${ecr.host}/v2/shop/web/manifests/v1`, { headers: { authorization } });
    expect(answer.status).toBe(200);
    expect(ecr.pullCredentials('example.com/web:v1', '210987654321', 'eu-west-1')).toBeUndefined();
  });
});

describe('parseRegistryPath', () => {
  test.each([
    ['/v2/', { kind: 'ping' }],
    ['/v2/a/b/blobs/uploads/', { kind: 'uploads', repository: 'a/b' }],
    ['/v2/a/b/blobs/uploads/42', { kind: 'upload', repository: 'a/b', uploadId: '42' }],
    ['/v2/a/blobs/sha256:0', { kind: 'blob', repository: 'a', digest: 'sha256:0' }],
    ['/v2/a/blobs/manifests/v1', { kind: 'manifest', repository: 'a/blobs', reference: 'v1' }],
    ['/v2/a/tags/list', { kind: 'tags', repository: 'a' }],
    ['/v2/a/tags/other', undefined],
    ['/v2/_catalog', undefined],
  ])('reads %s', (path, expected) => {
    expect(parseRegistryPath(path)).toEqual(expected);
  });
});

describe('the registry for a caller whose permissions count', () => {
  const asked: string[] = [];
  let denied: (use: { action: string; repositoryArn: string }) => boolean = () => false;
  let guarded: Awaited<ReturnType<typeof startEcr>>;
  let client: RegistryClient;

  beforeEach(async () => {
    asked.length = 0;
    denied = () => false;
    guarded = await startEcr({
      async guard({ accountId, accessKeyId, region, now }, use) {
        expect([accountId, accessKeyId, region, now]).toEqual([
          '123456789012',
          '123456789012',
          'us-east-1',
          guarded.clock.now,
        ]);
        asked.push(use.action.replace('ecr:', ''));
        return denied(use) ? `not authorized to perform: ${use.action} on ${use.repositoryArn}` : undefined;
      },
    });
    for (const repositoryName of ['shop/web', 'mill/base'])
      await guarded.clientOf().send(new CreateRepositoryCommand({ repositoryName }));
    client = await guarded.registryOf();
  });
  afterEach(() => guarded.stop());

  const upload = ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'];

  test('asks for what a push and a pull take', async () => {
    await client.pushImage('shop/web', 'v1', 'layer');
    expect(asked).toEqual([...upload, ...upload, 'PutImage']);
    asked.length = 0;
    const blob = `/v2/shop/web/blobs/${digestOf('layer')}`;
    await client.call('HEAD', '/v2/shop/web/manifests/v1');
    await client.call('GET', '/v2/shop/web/manifests/v1');
    await client.call('HEAD', blob);
    await client.call('GET', blob);
    await client.call('GET', '/v2/shop/web/tags/list');
    await client.call('GET', `/v2/shop/web/referrers/${digestOf('layer')}`);
    await client.call('POST', `/v2/shop/web/blobs/uploads/?digest=${digestOf('x')}`, { body: 'x' });
    expect(asked).toEqual([
      ...['BatchGetImage', 'BatchGetImage', 'BatchCheckLayerAvailability', 'GetDownloadUrlForLayer'],
      ...['ListImages', 'ListImageReferrers', ...upload],
    ]);
  });

  test('answers DENIED with the sentence, and nothing is pushed', async () => {
    denied = ({ action }) => action === 'ecr:PutImage';
    await client.pushBlob('shop/web', CONFIG);
    await client.pushBlob('shop/web', 'layer');
    const refused = await client.putManifest('shop/web', 'v1', manifestOf('layer'));
    expect(await errorOf(refused)).toEqual({
      status: 403,
      code: 'DENIED',
      message:
        'not authorized to perform: ecr:PutImage on arn:aws:ecr:us-east-1:123456789012:repository/shop/web',
    });
    denied = () => false;
    expect((await client.call('GET', '/v2/shop/web/manifests/v1')).status).toBe(404);
  });

  test('mounts a layer only from where it could be pulled', async () => {
    await client.pushBlob('mill/base', 'secret');
    const mount = `/v2/shop/web/blobs/uploads/?mount=${digestOf('secret')}&from=mill/base`;
    denied = ({ repositoryArn }) => repositoryArn.endsWith('/mill/base');
    expect((await client.call('POST', mount)).status).toBe(202);
    denied = () => false;
    expect((await client.call('POST', mount)).status).toBe(201);
  });

  test('asks nothing of those who pull for the local AWS itself', async () => {
    await client.pushImage('shop/web', 'v1', 'layer');
    denied = () => true;
    const own = guarded.pullCredentials(`${guarded.host}/shop/web:v1`, '123456789012', 'us-east-1');
    const authorization = `Basic ${Buffer.from(`AWS:${own?.password}`).toString('base64')}`;
    const pulled = await fetch(`http://${guarded.host}/v2/shop/web/manifests/v1`, {
      headers: { authorization },
    });
    expect(pulled.status).toBe(200);
  });
});
