import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  InitiateLayerUploadCommand,
  ListImagesCommand,
  ListTagsForResourceCommand,
  PutImageCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  TagResourceCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CONFIG, digestOf, manifestOf, startEcr } from './ecr-double.ts';

let ecr: Awaited<ReturnType<typeof startEcr>>;
let client: ECRClient;
const repositoryName = 'shop/web';

beforeEach(async () => {
  ecr = await startEcr();
  client = ecr.clientOf();
});
afterEach(() => ecr.stop());

const create = (more: object = {}) => client.send(new CreateRepositoryCommand({ repositoryName, ...more }));

async function pushLayer(content: string): Promise<string> {
  const { uploadId } = await client.send(new InitiateLayerUploadCommand({ repositoryName }));
  const bytes = new TextEncoder().encode(content);
  const half = Math.floor(bytes.length / 2);
  for (const [from, part] of [
    [0, bytes.slice(0, half)],
    [half, bytes.slice(half)],
  ] as const) {
    const range = { partFirstByte: from, partLastByte: from + part.length - 1 };
    await client.send(
      new UploadLayerPartCommand({ repositoryName, uploadId, layerPartBlob: part, ...range }),
    );
  }
  const digest = digestOf(content);
  await client.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
  return digest;
}

/** Pushes an image with one layer over the API. */
async function pushImage(tag: string, layer: string): Promise<string> {
  await pushLayer(CONFIG);
  await pushLayer(layer);
  const imageManifest = manifestOf(layer);
  await client.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: tag }));
  return digestOf(imageManifest);
}

describe('repositories', () => {
  test('are described with the URI that images are pushed to', async () => {
    await create({ imageTagMutability: 'IMMUTABLE', tags: [{ Key: 'team', Value: 'web' }] });
    const { repositories } = await client.send(
      new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
    );
    expect(repositories).toEqual([
      {
        repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web',
        registryId: '123456789012',
        repositoryName,
        repositoryUri: `${ecr.host}/shop/web`,
        createdAt: new Date(ecr.clock.now),
        imageTagMutability: 'IMMUTABLE',
        imageScanningConfiguration: { scanOnPush: false },
        encryptionConfiguration: { encryptionType: 'AES256' },
      },
    ]);
  });

  test('belong to one account and one Region', async () => {
    await create();
    const elsewhere = [ecr.clientOf('210987654321'), ecr.clientOf('123456789012', 'eu-west-1')];
    for (const other of elsewhere) {
      const call = other.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }));
      await expect(call).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
      expect((await other.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
    }
    const named = new DescribeRepositoriesCommand({ registryId: '123456789012' });
    expect((await elsewhere[0]?.send(named))?.repositories).toHaveLength(1);
  });

  test('are listed page by page', async () => {
    for (const name of ['c', 'a', 'b'])
      await client.send(new CreateRepositoryCommand({ repositoryName: `shop/${name}` }));
    const first = await client.send(new DescribeRepositoriesCommand({ maxResults: 2 }));
    const second = await client.send(
      new DescribeRepositoriesCommand({ maxResults: 2, nextToken: first.nextToken }),
    );
    expect(
      [first, second].map((page) => page.repositories?.map((repository) => repository.repositoryName)),
    ).toEqual([['shop/a', 'shop/b'], ['shop/c']]);
    expect(second.nextToken).toBeUndefined();
  });

  test.each(['Shop', 'a', '-web', 'web/', 'a//b', 'a b'])('refuse the name %s', async (name) => {
    const call = client.send(new CreateRepositoryCommand({ repositoryName: name }));
    await expect(call).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('exist once, and go only when they are empty or forced', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'RepositoryAlreadyExistsException' });
    await pushImage('v1', 'one');
    const call = client.send(new DeleteRepositoryCommand({ repositoryName }));
    await expect(call).rejects.toMatchObject({ name: 'RepositoryNotEmptyException' });
    await client.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
  });

  test('keep their policies and tags', async () => {
    await create();
    const missing = client.send(new GetRepositoryPolicyCommand({ repositoryName }));
    await expect(missing).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
    const lifecyclePolicyText = '{"rules":[]}';
    await client.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    expect(await client.send(new GetLifecyclePolicyCommand({ repositoryName }))).toMatchObject({
      lifecyclePolicyText,
    });
    const resourceArn = 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web';
    await client.send(new TagResourceCommand({ resourceArn, tags: [{ Key: 'a', Value: 'b' }] }));
    const tags = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags.tags).toEqual([{ Key: 'a', Value: 'b' }]);
  });
});

describe('images', () => {
  beforeEach(() => create());

  test("have the digest of the manifest's bytes and the size of their blobs", async () => {
    const digest = await pushImage('v1', 'layer one');
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName }));
    expect(imageDetails).toEqual([
      {
        registryId: '123456789012',
        repositoryName,
        imageDigest: digest,
        imageTags: ['v1'],
        imageSizeInBytes: Buffer.byteLength(CONFIG) + 'layer one'.length,
        imagePushedAt: new Date(ecr.clock.now),
        imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactMediaType: 'application/vnd.oci.image.config.v1+json',
        imageStatus: 'ACTIVE',
      },
    ]);
  });

  test('give their manifest byte for byte, and a reason for each that is not there', async () => {
    const imageDigest = await pushImage('v1', 'layer');
    const other = digestOf('other');
    const imageIds = [
      { imageTag: 'v1' },
      { imageTag: 'v2' },
      { imageDigest: other },
      { imageDigest, imageTag: 'v2' },
      {},
    ];
    const { images, failures } = await client.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    expect(images?.map((image) => [image.imageId, image.imageManifest])).toEqual([
      [{ imageDigest, imageTag: 'v1' }, manifestOf('layer')],
    ]);
    expect(failures?.map((failure) => failure.failureCode)).toEqual([
      'ImageNotFound',
      'ImageNotFound',
      'ImageTagDoesNotMatchDigest',
      'MissingDigestAndTag',
    ]);
    const call = client.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: 'v2' }] }));
    await expect(call).rejects.toThrow(
      "The image with imageId {imageDigest:'null', imageTag:'v2'} does not exist",
    );
  });

  test('are the same image under a second tag, and twice the same push is told', async () => {
    const digest = await pushImage('v1', 'layer');
    const put = (imageTag: string) =>
      client.send(new PutImageCommand({ repositoryName, imageManifest: manifestOf('layer'), imageTag }));
    expect((await put('v2')).image?.imageId).toEqual({ imageDigest: digest, imageTag: 'v2' });
    await expect(put('v2')).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' });
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName }));
    expect(imageDetails?.map((detail) => detail.imageTags)).toEqual([['v1', 'v2']]);
  });

  test('keep an immutable tag', async () => {
    await client.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
    await pushImage('v1', 'one');
    const error = await pushImage('v1', 'two').catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'ImageTagAlreadyExistsException',
      message:
        "The image tag 'v1' already exists in the 'shop/web' repository and cannot be overwritten because the tag is immutable.",
    });
  });

  test('need their layers first, and the digest they were announced with', async () => {
    const put = (more: object) =>
      client.send(new PutImageCommand({ repositoryName, imageManifest: manifestOf('absent'), ...more }));
    await expect(put({})).rejects.toMatchObject({ name: 'LayersNotFoundException' });
    await expect(put({ imageDigest: digestOf('x') })).rejects.toMatchObject({
      name: 'ImageDigestDoesNotMatchException',
    });
    await expect(put({ imageManifest: '{}' })).rejects.toThrow("its 'schemaVersion' is not 2");
  });

  test('are deleted tag by tag, and with the last one whole', async () => {
    const imageDigest = await pushImage('v1', 'one');
    await client.send(
      new PutImageCommand({ repositoryName, imageManifest: manifestOf('one'), imageTag: 'v2' }),
    );
    const remove = (imageTag: string) =>
      client.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }));
    expect((await remove('v1')).imageIds).toEqual([{ imageDigest, imageTag: 'v1' }]);
    const list = () => client.send(new ListImagesCommand({ repositoryName }));
    expect((await list()).imageIds).toEqual([{ imageDigest, imageTag: 'v2' }]);
    await remove('v2');
    expect((await list()).imageIds).toEqual([]);
  });

  test('tell which layers are there', async () => {
    const there = await pushLayer('content');
    const layerDigests = [there, digestOf('absent'), 'sha1:x'];
    const answer = await client.send(
      new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }),
    );
    expect(answer.layers).toEqual([
      { layerDigest: there, layerAvailability: 'AVAILABLE', layerSize: 7 },
      { layerDigest: digestOf('absent'), layerAvailability: 'UNAVAILABLE' },
    ]);
    expect(answer.failures?.map((failure) => failure.failureCode)).toEqual(['InvalidLayerDigest']);
  });

  test('refuse a layer part out of order and a layer of another digest', async () => {
    const { uploadId } = await client.send(new InitiateLayerUploadCommand({ repositoryName }));
    const part = {
      repositoryName,
      uploadId,
      partFirstByte: 5,
      partLastByte: 5,
      layerPartBlob: new Uint8Array([1]),
    };
    await expect(client.send(new UploadLayerPartCommand(part))).rejects.toMatchObject({
      name: 'InvalidLayerPartException',
      lastValidByteReceived: -1,
    });
    const complete = { repositoryName, uploadId, layerDigests: [digestOf('x')] };
    const call = client.send(new CompleteLayerUploadCommand(complete));
    await expect(call).rejects.toMatchObject({ name: 'InvalidLayerException' });
  });
});
