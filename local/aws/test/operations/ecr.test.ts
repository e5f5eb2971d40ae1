import * as ecr from '@aws-sdk/client-ecr';
import { expect, test } from '@jest/globals';
import { CONFIG, digestOf, manifestOf, startEcr } from '../../ecr/test/ecr-double.ts';
import { claimedOf, recordAnswers } from './recorder.ts';

test('every operation that is claimed of ECR is answered', async () => {
  const parts = await startEcr();
  try {
    const client = parts.clientOf();
    const answered = recordAnswers(client);
    await callAll(client);
    expect([...answered].sort()).toEqual(claimedOf('Amazon ECR'));
  } finally {
    await parts.stop();
  }
});

const repositoryName = 'shop/web';
const LIFECYCLE = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 1 },
      action: { type: 'expire' },
    },
  ],
});

async function callAll(client: ecr.ECRClient): Promise<void> {
  await client.send(new ecr.GetAuthorizationTokenCommand({}));
  await client.send(new ecr.DescribeRegistryCommand({}));
  const rules = [{ destinations: [{ region: 'us-west-2', registryId: '123456789012' }] }];
  await client.send(new ecr.PutReplicationConfigurationCommand({ replicationConfiguration: { rules } }));
  const { repository } = await client.send(new ecr.CreateRepositoryCommand({ repositoryName }));
  await client.send(new ecr.DescribeRepositoriesCommand({}));
  await tag(client, repository?.repositoryArn);
  await configure(client);
  await push(client);
  await readImages(client);
  await client.send(new ecr.DeleteRepositoryCommand({ repositoryName, force: true }));
}

async function tag(client: ecr.ECRClient, resourceArn: string | undefined): Promise<void> {
  await client.send(new ecr.TagResourceCommand({ resourceArn, tags: [{ Key: 'team', Value: 'shop' }] }));
  await client.send(new ecr.ListTagsForResourceCommand({ resourceArn }));
  await client.send(new ecr.UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
}

async function configure(client: ecr.ECRClient): Promise<void> {
  const policyText = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await client.send(new ecr.SetRepositoryPolicyCommand({ repositoryName, policyText }));
  await client.send(new ecr.GetRepositoryPolicyCommand({ repositoryName }));
  await client.send(new ecr.DeleteRepositoryPolicyCommand({ repositoryName }));
  await client.send(new ecr.PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: LIFECYCLE }));
  await client.send(new ecr.GetLifecyclePolicyCommand({ repositoryName }));
  await client.send(new ecr.StartLifecyclePolicyPreviewCommand({ repositoryName }));
  await client.send(new ecr.GetLifecyclePolicyPreviewCommand({ repositoryName }));
  await client.send(new ecr.DeleteLifecyclePolicyCommand({ repositoryName }));
  await client.send(new ecr.PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: 'MUTABLE' }));
  const imageScanningConfiguration = { scanOnPush: false };
  await client.send(
    new ecr.PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration }),
  );
  await client.send(
    new ecr.BatchGetRepositoryScanningConfigurationCommand({ repositoryNames: [repositoryName] }),
  );
}

async function push(client: ecr.ECRClient): Promise<void> {
  for (const content of [CONFIG, 'layer']) {
    const { uploadId } = await client.send(new ecr.InitiateLayerUploadCommand({ repositoryName }));
    const layerPartBlob = new TextEncoder().encode(content);
    const range = { partFirstByte: 0, partLastByte: layerPartBlob.length - 1 };
    await client.send(new ecr.UploadLayerPartCommand({ repositoryName, uploadId, layerPartBlob, ...range }));
    const layerDigests = [digestOf(content)];
    await client.send(new ecr.CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests }));
  }
  const layerDigests = [digestOf('layer')];
  await client.send(new ecr.BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }));
  await client.send(
    new ecr.PutImageCommand({ repositoryName, imageManifest: manifestOf('layer'), imageTag: 'v1' }),
  );
}

async function readImages(client: ecr.ECRClient): Promise<void> {
  const imageId = { imageTag: 'v1' };
  const imageIds = [imageId];
  await client.send(new ecr.ListImagesCommand({ repositoryName }));
  await client.send(new ecr.DescribeImagesCommand({ repositoryName, imageIds }));
  await client.send(new ecr.BatchGetImageCommand({ repositoryName, imageIds }));
  await client.send(new ecr.DescribeImageReplicationStatusCommand({ repositoryName, imageId }));
  const subjectId = { imageDigest: digestOf(manifestOf('layer')) };
  await client.send(new ecr.ListImageReferrersCommand({ repositoryName, subjectId }));
  await client.send(new ecr.StartImageScanCommand({ repositoryName, imageId }));
  await client.send(new ecr.DescribeImageScanFindingsCommand({ repositoryName, imageId }));
  await client.send(
    new ecr.UpdateImageStorageClassCommand({
      repositoryName,
      imageId: subjectId,
      targetStorageClass: 'ARCHIVE',
    }),
  );
  const { failures } = await client.send(
    new ecr.BatchDeleteImageCommand({ repositoryName, imageIds: [subjectId] }),
  );
  expect(failures).toEqual([]);
}
