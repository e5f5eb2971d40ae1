import type { EcrClient } from '../../core/src/aws-clients.ts';
import { hasPort, type PortMapping } from '../../core/src/decide/port-mapping.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { tryEcrHost } from '../../core/src/ecr/registry-host.ts';
import { isAwsFailure, renderError, UserError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import { nearMatches, renderNearMatches } from '../../core/src/near-match.ts';
import type { PlannedService } from './plan.ts';

/** What looking for images needs. An image may be in another region. */
export interface FitnessDeps {
  ecr(region: string): EcrClient;
  log: Log;
}

interface Container {
  name?: string;
  image?: string;
  portMappings?: PortMapping[];
}

const BY_DIGEST = /^([^/]+)\/([^:@]+)(?::[^@]+)?@(sha256:[0-9a-f]+)$/;

/**
 * Checks that ECS can deploy every service as planned, before anything is written: its strategy, the containers that
 * its load balancers and its migration name, and that images given by digest are in ECR. All misfits come in one
 * `DEPLOYMENT_UNFIT`, one line each. An image that may not be looked up is said and passed over.
 */
export async function assertFit(planned: readonly PlannedService[], deps: FitnessDeps): Promise<void> {
  const changing = planned.filter(({ steps }) => steps.some(({ kind }) => kind === 'update'));
  const faults = await Promise.all(
    changing.map(async (one) => {
      const found = [
        ...one.strategy.faults,
        ...containerFaults(one),
        ...migrationFaults(one),
        ...(await imageFaults(one, deps)),
      ];
      return found.map((fault) => `${one.wanted.service}: ${fault}`);
    }),
  );
  const lines = faults.flat();
  if (lines.length > 0) throw new UserError('DEPLOYMENT_UNFIT', `${lines.join('\n')}\nNothing was written.`);
}

function containersOf(document: TaskDefinitionDocument): Container[] {
  return Array.isArray(document.containerDefinitions) ? (document.containerDefinitions as Container[]) : [];
}

/** ECS refuses an update whose task definition lacks what a load balancer sends to; the revision would be left over. */
function containerFaults({ before, document, wanted }: PlannedService): string[] {
  const containers = containersOf(document);
  const family = String(document.family ?? wanted.service);
  return (before.settings?.loadBalancers ?? []).flatMap(({ containerName, containerPort }) => {
    if (containerName === undefined) return [];
    const container = containers.find(({ name }) => name === containerName);
    if (!container) {
      return [
        `the load balancer sends to container "${containerName}", which ${family} does not have.${renderNearMatches(containerName, namesOf(containers))}`,
      ];
    }
    const mappings = container.portMappings ?? [];
    if (containerPort === undefined || mappings.some((mapping) => hasPort(mapping, containerPort))) return [];
    const mapped = mappings
      .map(({ containerPort: one, containerPortRange }) => one ?? containerPortRange)
      .join(', ');
    return [
      `the load balancer sends to port ${containerPort} of container "${containerName}", which ${family} does not map. Mapped: ${mapped || 'none'}.`,
    ];
  });
}

function migrationFaults({ wanted, document, steps }: PlannedService): string[] {
  const step = steps.find(({ kind }) => kind === 'migrate');
  if (!step || !wanted.migrate) return [];
  const names = namesOf(containersOf(document));
  const { container } = wanted.migrate;
  if (names.includes(container)) return [];
  return [
    `the migration runs in container "${container}", which ${String(document.family)} does not have.${renderNearMatches(container, names)}`,
  ];
}

function namesOf(containers: readonly Container[]): string[] {
  return containers.flatMap(({ name }) => name ?? []);
}

/** Images that the service runs already are there; of the others, those with a digest can be looked for. */
async function imageFaults(
  { document, current, equal }: PlannedService,
  deps: FitnessDeps,
): Promise<string[]> {
  if (equal && equal.taskDefinitionArn === current?.taskDefinitionArn) return [];
  const known = new Set(containersOf(current?.document ?? {}).map(({ image }) => image));
  const images = containersOf(document).flatMap(({ image }) => (image && !known.has(image) ? [image] : []));
  const faults = await Promise.all([...new Set(images)].map((image) => imageFault(image, deps)));
  return faults.flatMap((fault) => fault ?? []);
}

async function imageFault(image: string, deps: FitnessDeps): Promise<string | undefined> {
  const [, host = '', repositoryName = '', imageDigest] = BY_DIGEST.exec(image) ?? [];
  const registry = tryEcrHost(host);
  if (!registry) return undefined;
  const { registryId, region } = registry;
  const ecr = deps.ecr(region);
  try {
    const { client, DescribeImagesCommand } = await ecr();
    await client.send(new DescribeImagesCommand({ registryId, repositoryName, imageIds: [{ imageDigest }] }));
    return undefined;
  } catch (error) {
    const where = `ECR repository "${repositoryName}" of ${registryId} in ${region}`;
    if (isAwsFailure(error, 'ImageNotFoundException'))
      return `${where} has no image ${imageDigest}. Push it first, or take the digest that build-and-push gave.`;
    if (isAwsFailure(error, 'RepositoryNotFoundException'))
      return `there is no ${where}.${await nearRepositories(ecr, registryId, repositoryName)}`;
    deps.log.info(`Image ${image} was not looked for: ${renderError(error)}`);
    return undefined;
  }
}

/** Names only help a message: none where listing them is not allowed. */
async function nearRepositories(
  ecr: EcrClient,
  registryId: string | undefined,
  name: string,
): Promise<string> {
  try {
    const { client, DescribeRepositoriesCommand } = await ecr();
    const { repositories = [] } = await client.send(
      new DescribeRepositoriesCommand({ registryId, maxResults: 1000 }),
    );
    const near = nearMatches(
      name,
      repositories.flatMap(({ repositoryName }) => repositoryName ?? []),
    );
    return near.length > 0 ? ` Did you mean ${near.map((one) => `"${one}"`).join(' or ')}?` : '';
  } catch {
    return '';
  }
}
