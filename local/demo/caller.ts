import { stringify } from 'yaml';
import type { Ground } from './ground.ts';

/** Paths with forward slashes, relative to the repository, and their texts. */
export type Files = Readonly<Record<string, string>>;

/** Images a Dockerfile starts from; given as build arguments, since public registries may be out of reach. */
export interface BaseImages {
  build: string;
  runtime: string;
}

/** The environment that is rehearsed: production, as its code says it is. */
export const ENVIRONMENT = 'prod';

/** The services of the caller's repository. */
export const SERVICES = ['email-api', 'email-consumer'] as const;

/** The manifest of the caller: two services in one environment, templates in SSM, where Terraform puts them. */
export function callerManifest(
  ground: Ground,
  images: BaseImages,
  accountId: string,
  region: string,
  aws: { endpoint: string },
): string {
  const service = (name: (typeof SERVICES)[number]) => ({
    context: '.',
    args: { SERVICE: name, BUILD_IMAGE: images.build, BASE_IMAGE: images.runtime },
    paths: ['Dockerfile', '*.ts', 'package.json', 'package-lock.json', 'lib/**', `${name}/*.ts`],
    container: name,
    'task-definition': `ssm:/{environment}/${name}/task-definition`,
    ...(name === 'email-api' ? { smoke: 'email-api/smoke.yaml' } : {}),
  });
  const manifest = {
    version: 1,
    registry: { account: accountId, region, prefix: 'shop' },
    environments: {
      [ENVIRONMENT]: {
        account: accountId,
        region,
        cluster: ground.cluster,
        roles: ground.roles,
        variables: { base: ground.url },
      },
    },
    services: Object.fromEntries(SERVICES.map((name) => [name, service(name)])),
  };
  return `# The services of this repository and where they run.\n# The rehearsal's AWS answers at ${aws.endpoint}.\n${stringify(manifest)}`;
}

/** Everything the caller commits first: the services' sources, the manifest and the two starter workflows. */
export function callerFiles(
  sources: Files,
  starters: { deploy: string; rollback: string },
  manifest: string,
): Files {
  return {
    ...sources,
    'berth.yaml': manifest,
    '.github/workflows/deploy.yml': starters.deploy,
    '.github/workflows/rollback.yml': starters.rollback,
    '.dockerignore': '.git\n.github\nnode_modules\n',
    '.gitignore': 'node_modules/\n',
  };
}

/** The files that differ between two states of the repository; a file that went is `null`. */
export function changedFiles(before: Files, after: Files): Record<string, string | null> {
  const changed = Object.entries(after).filter(([path, text]) => before[path] !== text);
  const gone = Object.keys(before).filter((path) => !(path in after));
  return Object.fromEntries([...changed, ...gone.map((path) => [path, null] as const)]);
}
