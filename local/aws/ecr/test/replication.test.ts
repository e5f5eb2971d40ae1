import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImageReplicationStatusCommand,
  DescribeRegistryCommand,
  DescribeRepositoriesCommand,
  PutReplicationConfigurationCommand,
  type ReplicationRule,
} from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf, INDEX, indexOf, manifestOf, startEcr } from './ecr-double.ts';

const registryId = '123456789012';
const west = { registryId, region: 'us-west-2' };
const repositoryName = 'shop/web';
let ecr: Awaited<ReturnType<typeof startEcr>>;

beforeEach(async () => {
  ecr = await startEcr();
  await ecr.clientOf().send(new CreateRepositoryCommand({ repositoryName }));
});
afterEach(() => ecr.stop());

const put = (...rules: ReplicationRule[]) =>
  ecr.clientOf().send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules } }));

async function namesIn(region: string): Promise<(string | undefined)[]> {
  const client = ecr.clientOf(registryId, region);
  const { repositories = [] } = await client.send(new DescribeRepositoriesCommand({}));
  return repositories.map((one) => one.repositoryName);
}

async function digestsIn(region: string, ...imageTags: string[]): Promise<(string | undefined)[]> {
  const imageIds = imageTags.map((imageTag) => ({ imageTag }));
  const client = ecr.clientOf(registryId, region);
  const { images = [] } = await client.send(new BatchGetImageCommand({ repositoryName, imageIds }));
  return images.map(({ imageId }) => imageId?.imageDigest);
}

async function statusOf(imageTag: string) {
  const { replicationStatuses } = await ecr
    .clientOf()
    .send(new DescribeImageReplicationStatusCommand({ repositoryName, imageId: { imageTag } }));
  return replicationStatuses;
}

describe('replication', () => {
  test('what is pushed is in the other Region, by tag and digest, and can be pulled there', async () => {
    await put({ destinations: [west] });
    const digest = await (await ecr.registryOf()).pushImage(repositoryName, 'v1', 'layer');
    expect(await digestsIn('us-west-2', 'v1')).toEqual([digest]);
    const there = await ecr.registryOf(registryId, 'us-west-2');
    const blob = await there.call('GET', `/v2/${repositoryName}/blobs/${digestOf('layer')}`);
    expect(await blob.text()).toBe('layer');
    expect(await statusOf('v1')).toEqual([{ ...west, status: 'COMPLETE' }]);
  });

  test('an index takes its images along, those of before too', async () => {
    const registry = await ecr.registryOf();
    await registry.pushImage(repositoryName, 'amd64', 'layer');
    await put({ destinations: [west] });
    await registry.putManifest(repositoryName, 'v1', indexOf(manifestOf('layer')), INDEX);
    expect(await digestsIn('us-west-2', 'v1')).toEqual([digestOf(indexOf(manifestOf('layer')))]);
  });

  test('neither what was there before nor a copy is copied', async () => {
    const registry = await ecr.registryOf();
    await registry.pushImage(repositoryName, 'v1', 'layer');
    await put({ destinations: [west] });
    const onward = [{ destinations: [{ registryId, region: 'eu-west-1' }] }];
    await ecr
      .clientOf(registryId, 'us-west-2')
      .send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules: onward } }));
    const digest = await registry.pushImage(repositoryName, 'v2', 'newer');
    expect(await digestsIn('us-west-2', 'v1', 'v2')).toEqual([digest]);
    expect(await namesIn('eu-west-1')).toEqual([]);
  });

  test('goes by the beginning of the name, where a filter says so', async () => {
    const filterType = 'PREFIX_MATCH';
    await put(
      { destinations: [west], repositoryFilters: [{ filter: 'other/', filterType }] },
      {
        destinations: [{ registryId, region: 'eu-west-1' }],
        repositoryFilters: [{ filter: 'shop/', filterType }],
      },
    );
    await (await ecr.registryOf()).pushImage(repositoryName, 'v1', 'layer');
    expect([await namesIn('us-west-2'), await namesIn('eu-west-1')]).toEqual([[], [repositoryName]]);
  });

  test('a tag that is taken there is told by its code', async () => {
    const client = ecr.clientOf(registryId, 'us-west-2');
    await client.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
    const digest = await (await ecr.registryOf(registryId, 'us-west-2')).pushImage(repositoryName, 'v1', 'a');
    await put({ destinations: [west] });
    await (await ecr.registryOf()).pushImage(repositoryName, 'v1', 'layer');
    expect(await digestsIn('us-west-2', 'v1')).toEqual([digest]);
    const failed = { status: 'FAILED', failureCode: 'ImageTagAlreadyExistsException' };
    expect(await statusOf('v1')).toEqual([{ ...west, ...failed }]);
  });

  test('is described, and ends with no rules', async () => {
    await put({ destinations: [west] });
    const configuration = async () =>
      (await ecr.clientOf().send(new DescribeRegistryCommand({}))).replicationConfiguration;
    expect(await configuration()).toEqual({ rules: [{ destinations: [west] }] });
    await put();
    expect(await configuration()).toEqual({ rules: [] });
    await (await ecr.registryOf()).pushImage(repositoryName, 'v1', 'layer');
    expect(await namesIn('us-west-2')).toEqual([]);
  });

  const filtered = (filter: string, filterType = 'PREFIX_MATCH') => ({
    destinations: [west],
    repositoryFilters: [{ filter, filterType: filterType as 'PREFIX_MATCH' }],
  });
  test.each<[string, ReplicationRule[], string]>([
    ['to its own Region', [{ destinations: [{ ...west, region: 'us-east-1' }] }], 'another Region'],
    ['to nowhere', [{ destinations: [] }], 'at least one'],
    ['to one place twice', [{ destinations: [west, west] }], 'each once in a rule'],
    ['to what is no Region', [{ destinations: [{ ...west, region: 'The West' }] }], 'regular expression'],
    ['to another account', [{ destinations: [{ ...west, registryId: '2'.repeat(12) }] }], 'another account'],
    ['by another kind of filter', [filtered('shop', 'SUFFIX')], 'PREFIX_MATCH'],
    ['of names that cannot be', [filtered('Shop!')], 'regular expression'],
    ['by too many rules', Array.from({ length: 11 }, () => ({ destinations: [west] })), 'no more than 10'],
  ])('%s is refused', async (_, rules, message) => {
    await expect(put(...rules)).rejects.toThrow(message);
  });
});
