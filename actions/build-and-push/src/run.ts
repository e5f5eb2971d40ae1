import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type EcrClient, ecrClient, type SsmClient, ssmClient } from '../../core/src/aws-clients.ts';
import type { RunCommand } from '../../core/src/command.ts';
import { tryImageDigest } from '../../core/src/ecr/image.ts';
import { readRepositoryUri } from '../../core/src/ecr/repository.ts';
import { UserError } from '../../core/src/errors.ts';
import type { ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { readManifest } from '../../core/src/github/target-inputs.ts';
import { environmentOf } from '../../core/src/manifest.ts';
import { renderTable } from '../../core/src/report/table.ts';
import { assertOneSubject, type BuildPlan, planBuild } from './build-plan.ts';
import { detectBuildKit, dockerWith } from './docker.ts';
import { withDockerLogin } from './docker-config.ts';
import type { inputs, outputs } from './inputs.ts';
import { readLogin, readPushedDigest } from './registry.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = Omit<ActionDeps, 'random' | 'signal' | 'idToken'> & { readonly command: RunCommand };

/** An image in the repository, and whether this run put it there. */
interface Landed {
  readonly digest: string;
  readonly pushed: boolean;
}

/** Builds and pushes one image, unless its tag is there. A second call with the same tag only reads. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  assertOneSubject(given);
  const manifest =
    given.service === undefined ? undefined : await readManifest(given.manifest, deps.github.workspace);
  const environment = manifest && given.environment ? environmentOf(manifest, given.environment) : undefined;
  const plan = planBuild(given, manifest, environment, deps.github);
  await assertDockerfile(plan, deps.github.workspace);
  const role = given['role-to-assume'] ?? environment?.roles.build;
  const ecr = ecrClient(deps.access({ role, region: plan.region }));
  const uri = await readRepositoryUri(ecr, { registryId: plan.registryId, name: plan.repository });
  const { digest, pushed } = await ensureImage(plan, uri, ecr, deps);
  const image = `${uri}@${digest}`;
  deps.log.info(pushed ? `Pushed ${image}` : `Already there: ${image}`);
  if (given.parameter !== undefined) {
    const there = deps.access({ role, region: environment?.region ?? plan.region });
    await writeParameter(given.parameter, image, ssmClient(there));
    deps.log.info(`Wrote it to the SSM parameter ${given.parameter}.`);
  }
  await deps.summary(renderSummary(plan, image, pushed));
  return { outputs: { image, digest, tag: plan.tag, pushed: String(pushed) } };
}

async function assertDockerfile({ dockerfile }: BuildPlan, workspace: string): Promise<void> {
  const found = await access(join(workspace, dockerfile)).then(
    () => true,
    () => false,
  );
  if (found) return;
  throw new UserError(
    'IMAGE_NO_DOCKERFILE',
    `There is no ${dockerfile} in the workspace; expected the path of a Dockerfile, relative to it.`,
  );
}

async function ensureImage(plan: BuildPlan, uri: string, ecr: EcrClient, deps: Deps): Promise<Landed> {
  const id = { registryId: plan.registryId, name: plan.repository };
  const found = await tryImageDigest(ecr, id, plan.tag);
  if (found !== undefined) return { digest: found, pushed: false };
  const { command, env, github, log } = deps;
  const kind = await detectBuildKit({ command, env });
  const [host = ''] = uri.split('/');
  const login = await readLogin(ecr, host, log.mask);
  const outcome = await withDockerLogin(login, { temp: github.temp, env }, async (dockerConfig) => {
    const docker = dockerWith(kind, dockerConfig, {
      command,
      env,
      workspace: github.workspace,
      onLine: log.info,
    });
    const reference = `${uri}:${plan.tag}`;
    await log.group(`Build ${plan.dockerfile}`, () => docker.build(plan, reference));
    return log.group(`Push ${reference}`, () => docker.push(reference));
  });
  if (outcome === 'already-there') {
    log.notice(`Another run pushed ${plan.repository}:${plan.tag} meanwhile; its image is used.`);
  }
  return { digest: await readPushedDigest(ecr, id, plan.tag, deps.clock), pushed: outcome === 'pushed' };
}

async function writeParameter(name: string, value: string, ssm: SsmClient): Promise<void> {
  const { client, PutParameterCommand } = await ssm();
  await client.send(new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true }));
}

function renderSummary({ repository, tag }: BuildPlan, image: string, pushed: boolean): string {
  const state = pushed ? 'built and pushed' : 'already there';
  return renderTable(['Repository', 'Tag', 'Image', ''], [[repository, `\`${tag}\``, `\`${image}\``, state]]);
}
