import * as client from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CONFIG, digestOf, IMAGE, INDEX, indexOf, manifestOf, startEcr } from './ecr-double.ts';

let ecr: Awaited<ReturnType<typeof startEcr>>;
let api: client.ECRClient;
let registry: Awaited<ReturnType<Awaited<ReturnType<typeof startEcr>>['registryOf']>>;
const repositoryName = 'shop/web';

beforeEach(async () => {
  ecr = await startEcr();
  api = ecr.clientOf();
  await api.send(new client.CreateRepositoryCommand({ repositoryName }));
  registry = await ecr.registryOf();
});
afterEach(() => ecr.stop());

const describeImages = async (input: Partial<client.DescribeImagesCommandInput> = {}) =>
  (await api.send(new client.DescribeImagesCommand({ repositoryName, ...input }))).imageDetails ?? [];

describe('an image index', () => {
  test('needs its images, and holds them', async () => {
    const index = indexOf(manifestOf('one'), manifestOf('two'));
    const put = () =>
      api.send(new client.PutImageCommand({ repositoryName, imageManifest: index, imageTag: 'v1' }));
    const first = await registry.pushImage(repositoryName, 'one', 'one');
    await expect(put()).rejects.toMatchObject({
      name: 'ReferencedImagesNotFoundException',
      message: expect.stringContaining(digestOf(manifestOf('two'))),
    });
    await registry.pushImage(repositoryName, 'two', 'two');
    await put();
    const imageIds = [{ imageDigest: first }];
    const { failures } = await api.send(new client.BatchDeleteImageCommand({ repositoryName, imageIds }));
    expect(failures).toMatchObject([
      {
        failureCode: 'ImageReferencedByManifestList',
        failureReason: `Requested image referenced by manifest list: [${digestOf(index)}]`,
      },
    ]);
    expect(await describeImages({ imageIds: [{ imageTag: 'v1' }] })).toMatchObject([
      { imageDigest: digestOf(index), imageManifestMediaType: INDEX },
    ]);
  });
});

describe('what was pushed about an image', () => {
  const artifact = (subject: string, type: string) =>
    JSON.stringify({
      ...JSON.parse(manifestOf('sig')),
      artifactType: type,
      annotations: { 'org.example.by': 'ci' },
      subject: { mediaType: IMAGE, digest: subject, size: manifestOf('one').length },
    });

  test('is listed by both APIs, by type where asked', async () => {
    const subject = await registry.pushImage(repositoryName, 'one', 'one');
    await registry.pushBlob(repositoryName, CONFIG);
    await registry.pushBlob(repositoryName, 'sig');
    const texts = ['application/sig', 'application/sbom'].map((type) => artifact(subject, type));
    for (const text of texts) {
      const answer = await registry.putManifest(repositoryName, digestOf(text), text);
      expect(answer.headers.get('oci-subject')).toBe(subject);
    }
    const list = async (filter?: client.ListImageReferrersFilter) => {
      const input = { repositoryName, subjectId: { imageDigest: subject }, filter };
      return (await api.send(new client.ListImageReferrersCommand(input))).referrers ?? [];
    };
    expect(await list()).toEqual(
      ['application/sig', 'application/sbom'].map((artifactType, index) => ({
        digest: digestOf(texts[index] ?? ''),
        mediaType: IMAGE,
        artifactType,
        size: texts[index]?.length,
        annotations: { 'org.example.by': 'ci' },
        artifactStatus: 'ACTIVE',
      })),
    );
    expect(await list({ artifactTypes: ['application/sbom'] })).toHaveLength(1);
    expect(await list({ artifactStatus: 'ARCHIVED' })).toEqual([]);
    const index = await registry.call('GET', `/v2/${repositoryName}/referrers/${subject}`);
    expect(await index.json()).toMatchObject({
      mediaType: INDEX,
      manifests: [{ artifactType: 'application/sig', annotations: { 'org.example.by': 'ci' } }, {}],
    });
    expect(await describeImages({ imageIds: [{ imageDigest: digestOf(texts[0] ?? '') }] })).toMatchObject([
      { subjectManifestDigest: subject, artifactMediaType: 'application/sig' },
    ]);
  });
});

describe('an archived image', () => {
  const store = (targetStorageClass: client.TargetStorageClass) =>
    api.send(
      new client.UpdateImageStorageClassCommand({
        repositoryName,
        imageId: { imageTag: 'v1' },
        targetStorageClass,
      }),
    );

  test('is hidden, cannot be pulled, and comes back after 20 minutes', async () => {
    const digest = await registry.pushImage(repositoryName, 'v1', 'one');
    const pull = async () => (await registry.call('GET', `/v2/${repositoryName}/manifests/v1`)).status;
    const statuses = async (imageStatus: client.ImageStatusFilter) =>
      (await describeImages({ filter: { imageStatus } })).map((detail) => detail.imageStatus);
    expect(await pull()).toBe(200);
    expect((await store('ARCHIVE')).imageStatus).toBe('ARCHIVED');
    expect(await pull()).toBe(404);
    expect(
      await ecr.images.resolve(`${ecr.host}/${repositoryName}:v1`, '123456789012', 'us-east-1'),
    ).toBeUndefined();
    expect(await describeImages()).toEqual([]);
    expect(await statuses('ANY')).toEqual(['ARCHIVED']);
    expect(await describeImages({ imageIds: [{ imageTag: 'v1' }] })).toMatchObject([
      { imageStatus: 'ARCHIVED', lastArchivedAt: new Date(ecr.clock.now) },
    ]);
    const get = new client.BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'v1' }] });
    expect((await api.send(get)).failures).toMatchObject([{ failureCode: 'ImageInaccessible' }]);

    expect((await store('STANDARD')).imageStatus).toBe('ACTIVATING');
    expect(await statuses('ACTIVATING')).toEqual(['ACTIVATING']);
    ecr.clock.now += 20 * 60_000;
    expect(await pull()).toBe(200);
    expect(await describeImages()).toMatchObject([
      { imageDigest: digest, imageStatus: 'ACTIVE', lastActivatedAt: new Date(ecr.clock.now) },
    ]);
  });

  test('that nobody has cannot be archived', async () => {
    await expect(store('ARCHIVE')).rejects.toMatchObject({ name: 'ImageNotFoundException' });
  });
});

test('a pull is recorded', async () => {
  await registry.pushImage(repositoryName, 'v1', 'one');
  expect((await describeImages())[0]).not.toHaveProperty('lastRecordedPullTime');
  ecr.clock.now += 1000;
  await registry.call('GET', `/v2/${repositoryName}/manifests/v1`);
  expect(await describeImages()).toMatchObject([{ lastRecordedPullTime: new Date(ecr.clock.now) }]);
});

test('exclusions of tag immutability are set, shown and kept to', async () => {
  const imageTagMutabilityExclusionFilters = [{ filterType: 'WILDCARD' as const, filter: 'dev-*' }];
  const setting = {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' as const,
    imageTagMutabilityExclusionFilters,
  };
  const answer = await api.send(new client.PutImageTagMutabilityCommand({ repositoryName, ...setting }));
  expect(answer).toMatchObject(setting);
  for (const [tag, layer, status] of [
    ['v1', 'one', 201],
    ['v1', 'two', 400],
    ['dev-1', 'one', 201],
    ['dev-1', 'two', 201],
  ] as const) {
    await registry.pushBlob(repositoryName, CONFIG);
    await registry.pushBlob(repositoryName, layer);
    expect((await registry.putManifest(repositoryName, tag, manifestOf(layer))).status).toBe(status);
  }
});

describe('a lifecycle policy', () => {
  const policy = (countNumber: number) =>
    JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber },
          action: { type: 'expire' },
        },
      ],
    });

  test('is previewed and expires nothing', async () => {
    const preview = () => api.send(new client.GetLifecyclePolicyPreviewCommand({ repositoryName }));
    await expect(preview()).rejects.toMatchObject({ name: 'LifecyclePolicyPreviewNotFoundException' });
    const old = await registry.pushImage(repositoryName, 'v1', 'one');
    ecr.clock.now += 1000;
    await registry.pushImage(repositoryName, 'v2', 'two');
    const lifecyclePolicyText = policy(1);
    await api.send(new client.StartLifecyclePolicyPreviewCommand({ repositoryName, lifecyclePolicyText }));
    const waiter = { client: api, maxWaitTime: 60 };
    const { state } = await client.waitUntilLifecyclePolicyPreviewComplete(waiter, { repositoryName });
    expect(state).toBe('SUCCESS');
    expect(await preview()).toMatchObject({
      status: 'COMPLETE',
      lifecyclePolicyText,
      previewResults: [
        { imageDigest: old, imageTags: ['v1'], action: { type: 'EXPIRE' }, appliedRulePriority: 1 },
      ],
      summary: { expiringImageTotalCount: 1 },
    });
    expect(await describeImages()).toHaveLength(2);
  });

  test('that is none is refused, and one that is not there is told', async () => {
    const put = new client.PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: '{}' });
    await expect(api.send(put)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const start = new client.StartLifecyclePolicyPreviewCommand({ repositoryName });
    await expect(api.send(start)).rejects.toMatchObject({ name: 'LifecyclePolicyNotFoundException' });
    await api.send(new client.PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: policy(5) }));
    await api.send(start);
    await api.send(new client.DeleteLifecyclePolicyCommand({ repositoryName }));
    await expect(api.send(new client.GetLifecyclePolicyCommand({ repositoryName }))).rejects.toMatchObject({
      name: 'LifecyclePolicyNotFoundException',
    });
  });
});
