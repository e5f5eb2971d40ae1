import { UserError } from './errors.ts';
import type { Migration } from './manifest-migration.ts';
import type { DeploymentStrategy } from './manifest-strategy.ts';
import { renderNearMatches } from './near-match.ts';
import { inNeedsOrder } from './needs-order.ts';

export { inNeedsOrder, withDependents } from './needs-order.ts';

/** One registry for all environments; `prefix` is without a slash at its end, or absent. */
export interface Registry {
  readonly account: string;
  readonly region: string;
  readonly prefix?: string;
}

/** Where services run. `roles` are ARNs; an absent role means: the credentials of the step. */
export interface Environment {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly cluster: string;
  readonly roles: { readonly build?: string; readonly deploy?: string; readonly verify?: string };
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * One service with its defaults filled in. Paths are relative to the repository, with `/`.
 * `taskDefinition` and `service` may still hold `{environment}`; see `inEnvironment`.
 */
export interface Service {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly container: string;
  readonly taskDefinition?: string;
  readonly service: string;
  readonly smoke?: string;
  /** Absent: deployments go as the service is set. */
  readonly strategy?: DeploymentStrategy;
  readonly migrate?: Migration;
  readonly needs: readonly string[];
}

/** A checked `berth.yaml`. Every name in `needs` is a service, and no service needs itself by any way round. */
export interface Manifest {
  readonly file: string;
  readonly registry?: Registry;
  readonly environments: Readonly<Record<string, Environment>>;
  readonly services: Readonly<Record<string, Service>>;
}

/** The environment of that name, or `MANIFEST_UNKNOWN_ENVIRONMENT` with the near ones. */
export function environmentOf(manifest: Manifest, name: string): Environment {
  const environment = own(manifest.environments, name);
  if (environment) return environment;
  const known = Object.keys(manifest.environments);
  const hint = known.length > 0 ? renderNearMatches(name, known) : ' Add it under `environments:`.';
  throw new UserError(
    'MANIFEST_UNKNOWN_ENVIRONMENT',
    `${manifest.file} has no environment "${name}".${hint}`,
  );
}

/**
 * The services of those names, in `needs` order (a service after those it needs); no names means all.
 * Throws `MANIFEST_UNKNOWN_SERVICE` with the near names. Services that are needed but not named stay out.
 */
export function servicesOf(manifest: Manifest, names: readonly string[] = []): Service[] {
  const known = Object.keys(manifest.services);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const lines = unknown.map(
      (name) => `"${name}" is not a service of ${manifest.file}.${renderNearMatches(name, known)}`,
    );
    throw new UserError('MANIFEST_UNKNOWN_SERVICE', lines.join(' '));
  }
  return inNeedsOrder(manifest.services)
    .flat()
    .filter((name) => names.length === 0 || names.includes(name))
    .flatMap((name) => manifest.services[name] ?? []);
}

/** The text with `{environment}` replaced by the environment's name. */
export function inEnvironment(text: string, environment: string): string {
  return text.replaceAll('{environment}', environment);
}

/** The ECR repository of a service: `prefix/name`, or the name alone. */
export function repositoryNameOf(
  service: string,
  registry: { readonly prefix?: string } | undefined,
): string {
  return registry?.prefix ? `${registry.prefix}/${service}` : service;
}

function own<V>(record: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
