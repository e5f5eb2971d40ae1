import type { AwsAccess } from '../aws-clients.ts';
import { type Environment, environmentOf, type Manifest, type Service, servicesOf } from '../manifest.ts';
import { readWorkspaceFile } from '../workspace-file.ts';
import type { ActionDeps } from './action-run.ts';
import { type InputSpec, nameList, optionalText, text, WrongInput } from './inputs.ts';

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/;

/** A role ARN that may be left out. */
export function roleInput(): InputSpec<string | undefined> {
  return checked(ROLE, 'the ARN of an IAM role, like arn:aws:iam::123456789012:role/deploy');
}

/** A region that may be left out. */
export function regionInput(): InputSpec<string | undefined> {
  return checked(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'an AWS region, like us-east-1');
}

/** The inputs every action that speaks to AWS for services of a manifest takes, under these names. */
export const targetInputs = {
  manifest: text('berth.yaml'),
  environment: optionalText(),
  services: nameList(),
  'role-to-assume': roleInput(),
  region: regionInput(),
};

/** The parsed `targetInputs`. */
export interface TargetInputs {
  readonly manifest: string;
  readonly environment: string | undefined;
  readonly services: readonly string[];
  readonly 'role-to-assume': string | undefined;
  readonly region: string | undefined;
}

/**
 * Where a step works. With an `environment` input: the manifest, that environment, and the chosen services in
 * `needs` order (empty `services` input: all). Without: single-service inputs are meant, and these are absent.
 */
export interface Target {
  readonly manifest?: Manifest;
  readonly environment?: Environment;
  readonly services: readonly Service[];
  readonly region: string | undefined;
  readonly access: AwsAccess;
}

/**
 * Reads the manifest where an environment is named, and opens AWS with the input's role, else the environment's
 * role of that `kind`, else ambient credentials. Throws the manifest's own errors; calls nothing on AWS.
 */
export async function readTarget(
  inputs: TargetInputs,
  kind: 'build' | 'deploy' | 'verify',
  deps: Pick<ActionDeps, 'access' | 'github'>,
): Promise<Target> {
  const { environment: name, region, 'role-to-assume': role } = inputs;
  if (name === undefined) return { services: [], region, access: deps.access({ role, region }) };
  const manifest = await readManifest(inputs.manifest, deps.github.workspace);
  const environment = environmentOf(manifest, name);
  const where = region ?? environment.region;
  return {
    manifest,
    environment,
    services: servicesOf(manifest, inputs.services),
    region: where,
    access: deps.access({ role: role ?? environment.roles[kind], region: where }),
  };
}

/** Reads and checks a manifest by its path in the workspace; `MANIFEST_NOT_FOUND` says where it was looked for. */
export async function readManifest(path: string, workspace: string): Promise<Manifest> {
  const content = await readWorkspaceFile(workspace, path, {
    code: 'MANIFEST_NOT_FOUND',
    more: '. Check the repository out first (actions/checkout), or set the input "manifest".',
  });
  // YAML and JSON Schema are a third of what an action would load at its start; many runs name no environment.
  const { loadManifest } = await import('../load-manifest.ts');
  return loadManifest(content, path);
}

function checked(form: RegExp, expected: string): InputSpec<string | undefined> {
  const parse = (given: string): string => {
    if (form.test(given)) return given;
    throw new WrongInput(expected);
  };
  return { ...optionalText(), parse };
}
