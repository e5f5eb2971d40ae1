import { DescribeServiceRevisionsCommand, type ECSClient, type ServiceRevision } from '@aws-sdk/client-ecs';
import { isAwsFailure } from '../errors.ts';
import { readInBatches } from './batches.ts';

/** What a service revision runs. `digest` is absent where ECS has not resolved the image. */
export interface RevisionContent {
  serviceRevisionArn: string;
  taskDefinitionArn: string;
  images: { container: string; image: string; digest?: string }[];
  /** What of the service it holds beside the task definition: network, load balancers, capacity and the like. */
  settings: Readonly<Record<string, unknown>>;
}

/** How many ARNs one DescribeServiceRevisions call takes. */
export const REVISIONS_A_CALL = 20;

/**
 * Reads service revisions by ARN, one call for each twenty. An ARN that ECS cannot describe (unknown, or from
 * before 2024-10-25) is left out.
 */
export async function readServiceRevisions(
  ecs: ECSClient,
  arns: readonly string[],
): Promise<Map<string, RevisionContent>> {
  const revisions = await readInBatches(arns, REVISIONS_A_CALL, async (batch) => {
    const answer = await ecs
      .send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: batch }))
      .catch((error: unknown) => {
        if (isAwsFailure(error, 'ServiceNotFoundException')) return { serviceRevisions: [] };
        throw error;
      });
    return answer.serviceRevisions ?? [];
  });
  return new Map(
    revisions.map((revision) => {
      const serviceRevisionArn = revision.serviceRevisionArn ?? '';
      const images = (revision.containerImages ?? []).map(({ containerName, image, imageDigest }) => ({
        container: containerName ?? '',
        image: image ?? '',
        digest: imageDigest,
      }));
      return [
        serviceRevisionArn,
        {
          serviceRevisionArn,
          taskDefinitionArn: revision.taskDefinition ?? '',
          images,
          settings: settingsOf(revision),
        },
      ];
    }),
  );
}

function settingsOf(revision: ServiceRevision): Record<string, unknown> {
  const { networkConfiguration, loadBalancers, capacityProviderStrategy, launchType } = revision;
  const { platformVersion, serviceConnectConfiguration, volumeConfigurations, serviceRegistries } = revision;
  return {
    networkConfiguration,
    loadBalancers,
    capacityProviderStrategy,
    launchType,
    platformVersion,
    serviceConnectConfiguration,
    volumeConfigurations,
    serviceRegistries,
  };
}
