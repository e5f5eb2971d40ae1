import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ecsClient, ssmClient } from '../../core/src/aws-clients.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import type { ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { readTarget, type Target } from '../../core/src/github/target-inputs.ts';
import { renderTable } from '../../core/src/report/table.ts';
import { readImages } from './images.ts';
import type { inputs, outputs } from './inputs.ts';
import { readOverrides } from './overrides.ts';
import { checkTaskDefinition, type Origin, type Prepared, prepareTaskDefinition } from './prepare.ts';
import { type Filling, fillTaskDefinition } from './render.ts';
import { assertOneWay, sourcesOf } from './request.ts';
import { readTemplate, type TemplateReader } from './template.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = Pick<ActionDeps, 'access' | 'github' | 'log' | 'summary'>;

/** One template to render; `service` is empty without a manifest, `container` gets the service's image. */
interface Job {
  readonly service: string;
  readonly source: string;
  readonly container?: string;
}

/** A job whose template and overrides are read and put together. */
interface Draft extends Prepared, Job {
  readonly name: string;
  readonly origin: Origin;
}

interface Rendered extends Draft {
  readonly filling: Filling;
  readonly result: TaskDefinitionDocument;
}

/** A digest to check a template with before the real one is asked for. */
const SOME_IMAGE = `image@sha256:${'0'.repeat(64)}`;

/** Reads and checks all templates, then asks for the images, then writes all files: one fault, and none is written. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  assertOneWay(given);
  const names = (given.services ?? []).map(({ name }) => name);
  const nothing = given.environment !== undefined && names.length === 0;
  const target = await readTarget({ ...given, services: names }, 'deploy', deps);
  const drafts = await readDrafts(nothing ? [] : jobsOf(given, target), given, target, deps);
  for (const draft of drafts) checkDraft(draft, given, deps);
  const rendered = await fillAll(drafts, given, target, deps);
  const paths = await writeAll(rendered, deps.github.temp);
  await report(rendered, deps);
  const [only] = Object.values(paths);
  return {
    outputs: { 'task-definition': rendered.length === 1 ? only : undefined, 'task-definitions': paths },
  };
}

function jobsOf(given: Inputs, { manifest, environment, services }: Target): Job[] {
  if (!manifest || !environment) return [{ service: '', source: given['task-definition'] ?? '' }];
  const sources = sourcesOf(services, environment, manifest.file);
  return services.map(({ name, container }) => ({ service: name, source: sources[name] ?? '', container }));
}

async function readDrafts(jobs: Job[], given: Inputs, { access }: Target, deps: Deps): Promise<Draft[]> {
  const { workspace } = deps.github;
  const reader: TemplateReader = { ecs: ecsClient(access), ssm: ssmClient(access), workspace };
  return Promise.all(
    jobs.map(async (job): Promise<Draft> => {
      const owner = { service: job.service, environment: given.environment ?? '' };
      const overrides = await readOverrides(given.overrides, owner, workspace);
      const origin = { source: job.source, template: await readTemplate(job.source, reader), overrides };
      const prepared = prepareTaskDefinition(origin);
      const name = job.service || String(prepared.document.family ?? 'task');
      return { ...job, ...prepared, name, origin };
    }),
  );
}

/** Everything a file can tell is told before ECR is asked for a digest. */
function checkDraft(draft: Draft, given: Inputs, { log }: Deps): void {
  const images = draft.container === undefined ? given.images : { [draft.container]: SOME_IMAGE };
  const filling = { images, variables: given['environment-variables'] };
  const filled = fillTaskDefinition(draft.document, filling, draft.source);
  for (const { message, place } of checkTaskDefinition(filled, draft.origin)) {
    log.warning(`${draft.name}: ${message}; it is kept and sent to ECS.`, place);
  }
}

async function fillAll(drafts: Draft[], given: Inputs, target: Target, deps: Deps): Promise<Rendered[]> {
  const { manifest, environment } = target;
  const images =
    manifest && environment && drafts.length > 0
      ? await readImages(given.services ?? [], { manifest, environment, role: given['role-to-assume'] }, deps)
      : {};
  return drafts.map((draft) => {
    const { service, container, document, source } = draft;
    const own = container === undefined ? given.images : { [container]: images[service] ?? '' };
    const filling = { images: own, variables: given['environment-variables'] };
    return { ...draft, filling, result: fillTaskDefinition(document, filling, source) };
  });
}

async function writeAll(rendered: readonly Rendered[], temp: string): Promise<Record<string, string>> {
  const folder = join(temp, 'berth-task-definitions');
  await mkdir(folder, { recursive: true });
  const write = async ({ name, result }: Rendered): Promise<[string, string]> => {
    const path = join(folder, `${name.replace(/[^\w-]/g, '_')}.json`);
    await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
    return [name, path];
  };
  return Object.fromEntries(await Promise.all(rendered.map(write)));
}

async function report(rendered: readonly Rendered[], { log, summary }: Deps): Promise<void> {
  const rows = rendered.flatMap(({ name, source, stripped, filling, origin }) => {
    if (stripped.length > 0) log.info(`${name}: left out what only ECS writes: ${stripped.join(', ')}.`);
    if (origin.overrides) log.info(`${name}: ${Object.keys(origin.overrides.value).join(', ')} overridden`);
    return Object.entries(filling.images).map(([container, image]) => [name, source, container, image]);
  });
  for (const [name, source, container, image] of rows)
    log.info(`${name}: ${container} of ${source} runs ${image}`);
  if (rows.length > 0) await summary(renderTable(['Service', 'Template', 'Container', 'Image'], rows));
}
