import {
  type AccessNeed,
  type CallPlace,
  type ConditionKeys,
  type NeedsTable,
  requestTagKeys,
} from './access-need.ts';

const repositoryArn = ({ region, accountId }: CallPlace, name = '', registryId = accountId): string =>
  `arn:aws:ecr:${region}:${registryId}:repository/${name}`;

const need = (action: string, resource: string | readonly string[], keys?: ConditionKeys): AccessNeed => ({
  action: `ecr:${action}`,
  resources: [resource].flat(),
  ...(keys && { keys }),
});

type OfRepository = { repositoryName?: string; registryId?: string };

const onRepository =
  (action: string) =>
  ({ repositoryName, registryId }: OfRepository, place: CallPlace): AccessNeed[] => [
    need(action, repositoryArn(place, repositoryName, registryId)),
  ];

const anywhere = (action: string) => (): AccessNeed[] => [need(action, '*')];

/**
 * What calls to ECR's API need.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container
 * Registry" (read 2026-11).
 */
export const ECR_NEEDS: NeedsTable<typeof import('@aws-sdk/client-ecr')> = {
  GetAuthorizationToken: anywhere('GetAuthorizationToken'),
  DescribeRegistry: anywhere('DescribeRegistry'),
  PutReplicationConfiguration: anywhere('PutReplicationConfiguration'),
  CreateRepository: ({ repositoryName, registryId, tags }, place) => {
    const resource = repositoryArn(place, repositoryName, registryId);
    const keys = requestTagKeys(tags);
    return [
      need('CreateRepository', resource, keys),
      ...(tags?.length ? [need('TagResource', resource, keys)] : []),
    ];
  },
  DescribeRepositories: ({ repositoryNames = [], registryId }, place) => [
    need(
      'DescribeRepositories',
      (repositoryNames.length ? repositoryNames : ['*']).map((name) =>
        repositoryArn(place, name, registryId),
      ),
    ),
  ],
  BatchGetRepositoryScanningConfiguration: ({ repositoryNames = [] }, place) => [
    need(
      'BatchGetRepositoryScanningConfiguration',
      repositoryNames.map((name) => repositoryArn(place, name)),
    ),
  ],
  UpdateImageStorageClass: onRepository('UpdateImageStorageClass'),
  DeleteRepository: onRepository('DeleteRepository'),
  PutImageTagMutability: onRepository('PutImageTagMutability'),
  PutLifecyclePolicy: onRepository('PutLifecyclePolicy'),
  GetLifecyclePolicy: onRepository('GetLifecyclePolicy'),
  DeleteLifecyclePolicy: onRepository('DeleteLifecyclePolicy'),
  SetRepositoryPolicy: onRepository('SetRepositoryPolicy'),
  GetRepositoryPolicy: onRepository('GetRepositoryPolicy'),
  DeleteRepositoryPolicy: onRepository('DeleteRepositoryPolicy'),
  PutImageScanningConfiguration: onRepository('PutImageScanningConfiguration'),
  StartImageScan: onRepository('StartImageScan'),
  DescribeImageScanFindings: onRepository('DescribeImageScanFindings'),
  GetLifecyclePolicyPreview: onRepository('GetLifecyclePolicyPreview'),
  StartLifecyclePolicyPreview: onRepository('StartLifecyclePolicyPreview'),
  ListImageReferrers: onRepository('ListImageReferrers'),
  DescribeImageReplicationStatus: onRepository('DescribeImageReplicationStatus'),
  PutImage: onRepository('PutImage'),
  DescribeImages: onRepository('DescribeImages'),
  ListImages: onRepository('ListImages'),
  BatchGetImage: onRepository('BatchGetImage'),
  BatchDeleteImage: onRepository('BatchDeleteImage'),
  BatchCheckLayerAvailability: onRepository('BatchCheckLayerAvailability'),
  GetDownloadUrlForLayer: onRepository('GetDownloadUrlForLayer'),
  InitiateLayerUpload: onRepository('InitiateLayerUpload'),
  UploadLayerPart: onRepository('UploadLayerPart'),
  CompleteLayerUpload: onRepository('CompleteLayerUpload'),
  ListTagsForResource: ({ resourceArn = '' }) => [need('ListTagsForResource', resourceArn)],
  TagResource: ({ resourceArn = '', tags }) => [need('TagResource', resourceArn, requestTagKeys(tags))],
  UntagResource: ({ resourceArn = '', tagKeys }) => [
    need('UntagResource', resourceArn, { 'aws:TagKeys': tagKeys }),
  ],
};
