import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { UserError } from '../../core/src/errors.ts';
import type { GitHubRun } from '../../core/src/github/github-run.ts';
import type { Environment, Manifest } from '../../core/src/manifest.ts';
import type { Suite } from './check.ts';
import type { SmokeInputs } from './inputs.ts';
import { loadSmokeFile } from './smoke-file.ts';

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
export async function readSuites(given: SmokeInputs, ground: Ground): Promise<ServiceSuite[]> {
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

async function readSuite(file: string, service: string, given: SmokeInputs, ground: Ground): Promise<Suite> {
  const text = await readFile(join(ground.github.workspace, file), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      const whose = service ? ` of "${service}"` : '';
      throw new UserError(
        'SMOKE_NOT_FOUND',
        `There is no ${file} in the workspace; expected the smoke file${whose}, relative to it.`,
      );
    },
  );
  return loadSmokeFile(text, file, valuesFor(service, given, ground));
}

/** Later ones win: what the pack knows by itself, the environment's variables, the inputs. */
function valuesFor(
  service: string,
  given: SmokeInputs,
  { environment, github }: Ground,
): Record<string, string> {
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
