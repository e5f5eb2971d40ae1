import type { ServiceDeploymentItem } from '../deployments-json.ts';
import type { GitHubRun } from '../github/github-run.ts';
import type { Environment, Manifest } from '../manifest.ts';
import { readWorkspaceFile } from '../workspace-file.ts';
import type { Suite } from './check.ts';
import { loadSmokeFile, readSmokeDocument } from './smoke-file.ts';

type Texts = Readonly<Record<string, string>>;

/** What is tested: the smoke file of each service of `deployments`, or `file` alone. In the words of `action.yml`. */
export interface SmokeRequest {
  readonly manifest: string;
  readonly environment: string | undefined;
  readonly deployments: readonly ServiceDeploymentItem[] | undefined;
  readonly file: string | undefined;
  readonly variables: Texts;
  readonly secrets: Texts;
  readonly 'role-to-assume': string | undefined;
  readonly region: string | undefined;
}

/** The values a smoke file may name besides those of its environment. */
export type SmokeValues = Pick<SmokeRequest, 'variables' | 'secrets'>;

/** One smoke file to run; `deployment` is what it tests, absent for the input `file`. */
export interface ServiceSuite {
  readonly service: string;
  readonly suite: Suite;
  readonly deployment?: ServiceDeploymentItem;
}

/** Where the values of variables come from. */
export interface Ground {
  readonly manifest: Manifest | undefined;
  readonly environment: Environment | undefined;
  readonly github: Pick<GitHubRun, 'sha' | 'workspace'>;
}

/**
 * Reads and checks every smoke file of this run, so that no request is sent when one of them is faulty.
 * A service without a smoke file is left out. Throws `SMOKE_NOT_FOUND` or `SMOKE_INVALID`.
 */
export async function readSuites(given: SmokeRequest, ground: Ground): Promise<ServiceSuite[]> {
  const found: ServiceSuite[] = [];
  if (given.file !== undefined)
    found.push({ service: '', suite: await readSuite(given.file, '', given, ground) });
  for (const deployment of given.deployments ?? []) {
    const { service } = deployment;
    const file = deployment.smoke ?? ground.manifest?.services[service]?.smoke;
    if (file) found.push({ service, deployment, suite: await readSuite(file, service, given, ground) });
  }
  return found;
}

/** Reads one smoke file with its values; `service` is empty for a file that belongs to none. Throws as `readSuites`. */
export async function readSuite(
  file: string,
  service: string,
  given: SmokeValues,
  ground: Ground,
): Promise<Suite> {
  const text = await readText(file, service, ground);
  return loadSmokeFile(text, file, valuesFor(service, given, ground));
}

/** Checks the form of a smoke file whose values another step may have. Throws as `readSuites`. */
export async function assertSmokeForm(file: string, service: string, ground: Ground): Promise<void> {
  readSmokeDocument(await readText(file, service, ground), file);
}

function readText(file: string, service: string, { github }: Ground): Promise<string> {
  const whose = service ? ` of "${service}"` : '';
  return readWorkspaceFile(github.workspace, file, {
    code: 'SMOKE_NOT_FOUND',
    more: `; expected the smoke file${whose}, relative to it.`,
  });
}

/** Later ones win: what the pack knows by itself, the environment's variables, the inputs. */
function valuesFor(service: string, given: SmokeValues, { environment, github }: Ground): Texts {
  const secrets = Object.entries(given.secrets).map(([name, value]) => [`secrets.${name}`, value]);
  return {
    sha: github.sha,
    service,
    ...(environment ? { environment: environment.name } : {}),
    ...environment?.variables,
    ...given.variables,
    ...Object.fromEntries(secrets),
  };
}
