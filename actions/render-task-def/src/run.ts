import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsAccess, ecrClient, ecsClient, ssmClient } from '../../core/src/aws-clients.ts';
import { tryImageDigest } from '../../core/src/ecr/image.ts';
import { readRepositoryUri } from '../../core/src/ecr/repository.ts';
import { UserError } from '../../core/src/errors.ts';
import type { ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { renderTable } from '../../core/src/github/job-summary.ts';
import { readTarget } from '../../core/src/github/target-inputs.ts';
import { type Environment, type Manifest, repositoryNameOf, type Service } from '../../core/src/manifest.ts';
import type { inputs, outputs, TaggedService } from './inputs.ts';
import { type Filling, type Rendered, renderTaskDefinition } from './render.ts';
import { assertOneWay, sourcesOf } from './request.ts';
import { readTemplate } from './template.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = Pick<ActionDeps, 'access' | 'github' | 'log' | 'summary'>;

/** One template, what goes into it, and the name its result goes by. */
interface Job {
  readonly name: string;
  readonly source: string;
  readonly filling: Filling;
}

/** Renders all templates, then writes all files: when one cannot be rendered, none is written. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  assertOneWay(given);
  const names = (given.services ?? []).map(({ name }) => name);
  const nothing = given.environment !== undefined && names.length === 0;
  const target = await readTarget({ ...given, services: names }, 'deploy', deps);
  const { manifest, environment, services, access } = target;
  const jobs = nothing
    ? []
    : manifest && environment
      ? await jobsOf(given, { manifest, environment, services }, deps)
      : [jobOf(given)];
  const rendered = await renderAll(jobs, access, deps);
  const paths = await writeAll(rendered, deps.github.temp);
  await report(jobs, rendered, deps);
  const [only] = Object.values(paths);
  return {
    outputs: { 'task-definition': jobs.length === 1 ? only : undefined, 'task-definitions': paths },
  };
}

function jobOf(given: Inputs): Job {
  const source = given['task-definition'] ?? '';
  return { name: '', source, filling: { images: given.images, variables: given['environment-variables'] } };
}

async function jobsOf(
  given: Inputs,
  {
    manifest,
    environment,
    services,
  }: { manifest: Manifest; environment: Environment; services: readonly Service[] },
  deps: Deps,
): Promise<Job[]> {
  const sources = sourcesOf(services, environment, manifest.file);
  const images = await imagesOf(given.services ?? [], manifest, environment, given['role-to-assume'], deps);
  const variables = given['environment-variables'];
  return services.map(({ name, container }) => ({
    name,
    source: sources[name] ?? '',
    filling: { images: { [container]: images[name] ?? '' }, variables },
  }));
}

/** Each service's tag as `repository@sha256:…`, from the registry the images were pushed to. */
async function imagesOf(
  tagged: readonly TaggedService[],
  manifest: Manifest,
  environment: Environment,
  role: string | undefined,
  deps: Deps,
): Promise<Record<string, string>> {
  const { account, region } = manifest.registry ?? environment;
  const ecr = ecrClient(deps.access({ role: role ?? environment.roles.deploy, region }));
  const imageOf = async ({ name, tag }: TaggedService): Promise<[string, string]> => {
    const repository = { registryId: account, name: repositoryNameOf(name, manifest.registry) };
    const uri = await readRepositoryUri(ecr, repository);
    const digest = await tryImageDigest(ecr, repository, tag);
    if (digest !== undefined) return [name, `${uri}@${digest}`];
    throw new UserError(
      'IMAGE_NOT_FOUND',
      `${repository.name} in ${region} has no image with the tag ${tag}: run build-and-push for "${name}" first, or see whether a lifecycle rule has removed it.`,
    );
  };
  return Object.fromEntries(await Promise.all(tagged.map(imageOf)));
}

async function renderAll(
  jobs: readonly Job[],
  access: AwsAccess,
  { github }: Deps,
): Promise<Map<string, Rendered>> {
  const reader = { ecs: ecsClient(access), ssm: ssmClient(access), workspace: github.workspace };
  const entries = await Promise.all(
    jobs.map(async ({ name, source, filling }): Promise<[string, Rendered]> => {
      const rendered = renderTaskDefinition(await readTemplate(source, reader), filling, source);
      return [name || String(rendered.document.family ?? 'task'), rendered];
    }),
  );
  return new Map(entries);
}

async function writeAll(
  rendered: ReadonlyMap<string, Rendered>,
  temp: string,
): Promise<Record<string, string>> {
  const folder = join(temp, 'berth-task-definitions');
  await mkdir(folder, { recursive: true });
  const write = async ([name, { document }]: [string, Rendered]): Promise<[string, string]> => {
    const path = join(folder, `${name.replace(/[^\w-]/g, '_')}.json`);
    await writeFile(path, `${JSON.stringify(document, null, 2)}\n`);
    return [name, path];
  };
  return Object.fromEntries(await Promise.all([...rendered].map(write)));
}

async function report(
  jobs: readonly Job[],
  rendered: ReadonlyMap<string, Rendered>,
  { log, summary }: Deps,
): Promise<void> {
  const rows = [...rendered].flatMap(([name, { stripped }], i) => {
    const { source = '', filling } = jobs[i] ?? {};
    if (stripped.length > 0) log.info(`${name}: left out what only ECS writes: ${stripped.join(', ')}.`);
    return Object.entries(filling?.images ?? {}).map(([container, image]) => [
      name,
      source,
      container,
      image,
    ]);
  });
  for (const [name, source, container, image] of rows)
    log.info(`${name}: ${container} of ${source} runs ${image}`);
  if (rows.length > 0) await summary(renderTable(['Service', 'Template', 'Container', 'Image'], rows));
}
