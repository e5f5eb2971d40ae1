import type * as ecr from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import { imageNotFound, lookUp } from './api-images.ts';
import { registryOf } from './api-repositories.ts';
import { pageOf } from './page.ts';
import { type ImageRecord, type RepositoryRecord, statusOf } from './records.ts';
import type { Repositories } from './repositories.ts';
import { scanStatusOf, scanSummaryOf, startScan } from './scan.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Handlers for scans: begin one, read its findings, say which repositories scan what is pushed. */
export function scanHandlers(repositories: Repositories) {
  const find = (context: RequestContext, input: { repositoryName?: string; registryId?: string }) =>
    repositories.find(registryOf(context, input.registryId), input.repositoryName ?? '');

  return {
    StartImageScan(input: ecr.StartImageScanRequest, context: RequestContext) {
      const repository = find(context, input);
      const image = findImage(repository, input.imageId ?? {});
      assertScannable(repository, image, context.now);
      startScan(repository, image, context.now);
      return { ...identify(repository, image), imageScanStatus: { status: 'IN_PROGRESS' as const } };
    },
    DescribeImageScanFindings(input: ecr.DescribeImageScanFindingsRequest, context: RequestContext) {
      const repository = find(context, input);
      const image = findImage(repository, input.imageId ?? {});
      const { scan } = image;
      if (!scan) throw scanNotFound(repository, image);
      const summary = scanSummaryOf(scan);
      const { findings, enhancedFindings } = scan.outcome;
      const basic = pageOf(findings, input);
      const enhanced = pageOf(enhancedFindings, input);
      const nextToken = basic.nextToken ?? enhanced.nextToken;
      return {
        ...identify(repository, image),
        imageScanStatus: scanStatusOf(scan),
        ...(summary && {
          imageScanFindings: {
            ...summary,
            findings: basic.items,
            ...(enhancedFindings.length > 0 ? { enhancedFindings: enhanced.items } : {}),
          },
        }),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
    PutImageScanningConfiguration(input: ecr.PutImageScanningConfigurationRequest, context: RequestContext) {
      const repository = find(context, input);
      repository.scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
      const { registryId, name: repositoryName, scanOnPush } = repository;
      return { registryId, repositoryName, imageScanningConfiguration: { scanOnPush } };
    },
    BatchGetRepositoryScanningConfiguration(
      input: ecr.BatchGetRepositoryScanningConfigurationRequest,
      context: RequestContext,
    ) {
      const answers = (input.repositoryNames ?? []).map((name) => {
        const repository = repositories.tryFind(registryOf(context), name);
        return repository ?? name;
      });
      return {
        scanningConfigurations: answers.flatMap((answer) =>
          typeof answer === 'string' ? [] : [scanningOf(answer)],
        ),
        failures: answers.flatMap((answer) => (typeof answer === 'string' ? [missing(answer)] : [])),
      };
    },
  };
}

function findImage(repository: RepositoryRecord, id: ecr.ImageIdentifier): ImageRecord {
  const lookup = lookUp(repository, id);
  if ('failure' in lookup) throw imageNotFound(repository, id);
  return lookup.image;
}

/** ECR scans an image once in 24 hours, and no archived one. */
function assertScannable(repository: RepositoryRecord, image: ImageRecord, now: number): void {
  if (statusOf(image, now) !== 'ACTIVE') {
    throw new AwsFault(
      'ImageArchivedException',
      `The image with digest '${image.digest}' in the repository with name '${repository.name}' is archived; restore it first`,
    );
  }
  if (image.scan && now - image.scan.startedAt < DAY_MS) {
    throw new AwsFault(
      'LimitExceededException',
      'The scan quota per image has been exceeded. Wait and try again.',
    );
  }
}

const identify = ({ registryId, name: repositoryName }: RepositoryRecord, { digest }: ImageRecord) => ({
  registryId,
  repositoryName,
  imageId: { imageDigest: digest },
});

function scanNotFound(repository: RepositoryRecord, image: ImageRecord): AwsFault {
  const message = `Image scan does not exist for the image with '{imageDigest:'${image.digest}', imageTag:'null'}' in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`;
  return new AwsFault('ScanNotFoundException', message);
}

const scanningOf = ({ arn, name, scanOnPush }: RepositoryRecord): ecr.RepositoryScanningConfiguration => ({
  repositoryArn: arn,
  repositoryName: name,
  scanOnPush,
  scanFrequency: scanOnPush ? 'SCAN_ON_PUSH' : 'MANUAL',
  appliedScanFilters: [],
});

const missing = (repositoryName: string): ecr.RepositoryScanningConfigurationFailure => ({
  repositoryName,
  failureCode: 'REPOSITORY_NOT_FOUND',
  failureReason: `The repository with name '${repositoryName}' does not exist`,
});
