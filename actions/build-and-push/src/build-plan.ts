import { UserError } from '../../core/src/errors.ts';
import type { GitHubRun } from '../../core/src/github/github-run.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { type Environment, type Manifest, repositoryNameOf, servicesOf } from '../../core/src/manifest.ts';
import type { inputs } from './inputs.ts';

type Inputs = InputsOf<typeof inputs>;

/** What is built and where it goes. Paths are relative to the workspace; `registryId` absent: the caller's account. */
export interface BuildPlan {
  readonly repository: string;
  readonly registryId: string | undefined;
  readonly region: string | undefined;
  readonly tag: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Puts the plan together from inputs and, for a service, its manifest. Throws `INPUT_CONTRADICTION` when service
 * and repository are both or neither given, and `INPUT_MISSING` when nothing says where the registry is.
 */
export function planBuild(
  given: Inputs,
  manifest: Manifest | undefined,
  environment: Environment | undefined,
  github: Pick<GitHubRun, 'repository' | 'sha' | 'serverUrl'>,
): BuildPlan {
  const common = {
    tag: given.tag ?? `sha-${github.sha || 'unknown'}`,
    labels: labelsOf(github),
    ...registryOf(given, manifest, environment),
  };
  if (manifest === undefined || given.service === undefined) {
    const { context, dockerfile, repository = '' } = given;
    const folder = context === '.' ? '' : `${context}/`;
    const args = given['build-args'];
    return { ...common, repository, context, dockerfile: dockerfile ?? `${folder}Dockerfile`, args };
  }
  const [service] = servicesOf(manifest, [given.service]);
  if (!service) throw new Error(`${manifest.file} lost the service ${given.service}`);
  return {
    ...common,
    repository: repositoryNameOf(service.name, manifest.registry),
    context: service.context,
    dockerfile: service.dockerfile,
    args: { ...service.args, ...given['build-args'] },
  };
}

/** Checks what one input alone cannot tell, before anything is read. */
export function assertOneSubject({ service, repository }: Pick<Inputs, 'service' | 'repository'>): void {
  if ((service === undefined) !== (repository === undefined)) return;
  const fault = service === undefined ? 'neither is given' : 'both are given';
  throw new UserError(
    'INPUT_CONTRADICTION',
    `Give either "service" (a service of the manifest) or "repository" (an ECR repository); ${fault}.`,
  );
}

function registryOf(
  { region, service }: Inputs,
  manifest: Manifest | undefined,
  environment: Environment | undefined,
): { registryId: string | undefined; region: string | undefined } {
  const home = manifest?.registry ?? environment;
  if (service !== undefined && home === undefined) {
    throw new UserError(
      'INPUT_MISSING',
      `Nothing says where the image of "${service}" goes: add \`registry: { account: …, region: … }\` to ${manifest?.file ?? 'the manifest'}, or give the input "environment".`,
    );
  }
  return { registryId: home?.account, region: region ?? home?.region };
}

/** No creation time: equal content should give an equal image. */
function labelsOf({
  repository,
  sha,
  serverUrl,
}: Pick<GitHubRun, 'repository' | 'sha' | 'serverUrl'>): Record<string, string> {
  return {
    ...(sha ? { 'org.opencontainers.image.revision': sha } : {}),
    ...(repository ? { 'org.opencontainers.image.source': `${serverUrl}/${repository}` } : {}),
  };
}
