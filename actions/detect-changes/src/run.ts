import type { RunCommand } from '../../core/src/command.ts';
import { UserError } from '../../core/src/errors.ts';
import type { ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { type InputsOf, nameList, readInputs } from '../../core/src/github/inputs.ts';
import { readManifest } from '../../core/src/github/target-inputs.ts';
import { loadManifest } from '../../core/src/load-manifest.ts';
import { type Manifest, servicesOf } from '../../core/src/manifest.ts';
import { renderTable } from '../../core/src/report/table.ts';
import { allServices, decideChangedServices, type Reasons } from './changed-services.ts';
import { decideCommitRange } from './commit-range.ts';
import { contentTagOf } from './content-tag.ts';
import { type Git, gitIn } from './git.ts';
import type { inputs, outputs } from './inputs.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = Pick<ActionDeps, 'github' | 'log' | 'env' | 'summary'> & { readonly command: RunCommand };

/** Finds the services to build and deploy. Reads the workspace's manifest and git only; calls no network. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  const manifest = await readManifest(given.manifest, deps.github.workspace);
  const git = gitIn(deps.github.workspace, deps.command, deps.env);
  const head = await headOf(git, given.head);
  const reasons = await chooseServices(manifest, given, head, git, deps);
  const files = await git.files(head);
  const services = servicesOf(manifest)
    .filter(({ name }) => reasons.has(name))
    .map((service) => {
      const { name, context, dockerfile, args } = service;
      return { name, tag: contentTagOf(service, files), context, dockerfile, args };
    });
  await report(manifest, services, reasons, deps);
  return { outputs: { services, matrix: { service: services }, any: String(services.length > 0) } };
}

async function headOf(git: Git, name: string): Promise<string> {
  const head = await git.tryCommit(name);
  if (head !== undefined) return head;
  throw new UserError(
    'GIT_NO_COMMIT',
    `The workspace has no commit "${name}". Check the repository out first (actions/checkout), or set the input "head" to a commit it has.`,
  );
}

async function chooseServices(
  manifest: Manifest,
  given: Inputs,
  head: string,
  git: Git,
  deps: Deps,
): Promise<Reasons> {
  if (given.services === 'all') return allServices(manifest, 'asked for');
  if (given.services === 'changed') return changedServices(manifest, given, head, git, deps);
  const { services: names } = readInputs({ services: nameList() }, () => given.services);
  return new Map(servicesOf(manifest, names).map(({ name }) => [name, 'asked for']));
}

async function changedServices(
  manifest: Manifest,
  given: Inputs,
  head: string,
  git: Git,
  { github, log }: Deps,
): Promise<Reasons> {
  const base = await baseOf(given, head, git, github);
  if ('reason' in base) {
    log.notice(`All services are given, because ${base.reason}.`);
    return allServices(manifest, base.reason);
  }
  log.info(`Comparing ${base.sha.slice(0, 12)} with ${head.slice(0, 12)}.`);
  const before = tryManifest(await git.tryFile(base.sha, given.manifest), given.manifest);
  return decideChangedServices(manifest, before, await git.changedFiles(base.sha, head));
}

/** The commit to compare with, or why there is none that can be used. */
async function baseOf(
  given: Inputs,
  head: string,
  git: Git,
  github: Deps['github'],
): Promise<{ sha: string } | { reason: string }> {
  const range = decideCommitRange(given.base, github);
  if (range.base === undefined) return { reason: range.reason };
  const tip = await git.tryCommit(range.base);
  const sha = tip !== undefined && range.from === 'merge-base' ? await git.tryMergeBase(tip, head) : tip;
  if (sha !== undefined) return { sha };
  if (await git.isShallow()) {
    return {
      reason: `commit ${range.base} is not in this shallow clone; set \`fetch-depth: 0\` on actions/checkout`,
    };
  }
  const lost = 'it may have gone with a force push';
  return { reason: `this clone holds no ${tip ? 'common ancestor with' : 'commit'} ${range.base}; ${lost}` };
}

function tryManifest(text: string | undefined, file: string): Manifest | undefined {
  try {
    return text === undefined ? undefined : loadManifest(text, file);
  } catch (error) {
    if (error instanceof UserError) return undefined; // the older commit's faults are no longer anyone's
    throw error;
  }
}

async function report(
  manifest: Manifest,
  services: readonly { name: string; tag: string }[],
  reasons: Reasons,
  { log, summary }: Deps,
): Promise<void> {
  const all = Object.keys(manifest.services).length;
  const title = `${services.length} of ${all} service${all === 1 ? '' : 's'} to build and deploy`;
  log.info(`${title}${services.length > 0 ? ':' : '.'}`);
  for (const { name, tag } of services) log.info(`  ${name}  ${tag}  (${reasons.get(name)})`);
  const rows = services.map(({ name, tag }) => [name, `\`${tag}\``, reasons.get(name) ?? '']);
  await summary(`### ${title}\n\n${renderTable(['Service', 'Content tag', 'Why'], rows)}`);
}
