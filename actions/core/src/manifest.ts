import schema from '../berth.schema.json' with { type: 'json' };
import { type Fault, faultsError, UserError } from './errors.ts';
import { type Migration, migrationOf } from './manifest-migration.ts';
import {
  type DeploymentStrategy,
  type StrategyEntry,
  strategyFaults,
  strategyOf,
} from './manifest-strategy.ts';
import { renderNearMatches } from './near-match.ts';
import { inNeedsOrder, tryCycle } from './needs-order.ts';
import { checkAgainstSchema } from './schema-check.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';

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

interface ServiceEntry extends Partial<Omit<Service, 'name' | 'taskDefinition' | 'strategy' | 'migrate'>> {
  readonly 'task-definition'?: string;
  readonly strategy?: StrategyEntry;
  readonly migrate?: Parameters<typeof migrationOf>[0];
}

interface ManifestEntry {
  readonly registry?: Registry;
  readonly environments?: Record<
    string,
    Omit<Environment, 'name' | 'roles' | 'variables'> & Partial<Environment>
  >;
  readonly services: Record<string, ServiceEntry | null>;
}

/**
 * Reads the text of a manifest; `file` is the name shown in messages.
 * Throws `MANIFEST_INVALID` with every fault found, each with its line and column, and writes nothing.
 */
export function loadManifest(text: string, file: string): Manifest {
  const document = readYamlDocument(text, file);
  const faults = [
    ...checkAgainstSchema(document, schema),
    ...needsFaults(document),
    ...contradictions(document),
  ];
  if (faults.length > 0) {
    throw faultsError('MANIFEST_INVALID', `${file} has ${countOf(faults.length, 'fault')}:`, faults);
  }
  const { registry, environments = {}, services } = document.value as ManifestEntry;
  return {
    file,
    ...(registry ? { registry } : {}),
    environments: mapValues(environments, (entry, name) => ({ roles: {}, variables: {}, ...entry, name })),
    services: mapValues(services, (entry, name) => serviceOf(name, entry ?? {})),
  };
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

function serviceOf(name: string, entry: ServiceEntry): Service {
  const context = cleanPath(entry.context ?? '.');
  const folder = context === '.' ? '' : `${context}/`;
  const taskDefinition = entry['task-definition'];
  return {
    name,
    context,
    dockerfile: cleanPath(entry.dockerfile ?? `${folder}Dockerfile`),
    args: entry.args ?? {},
    paths: entry.paths ?? [`${folder}**`],
    container: entry.container ?? name,
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    service: entry.service ?? name,
    ...(entry.smoke === undefined ? {} : { smoke: cleanPath(entry.smoke) }),
    ...(entry.strategy === undefined ? {} : { strategy: strategyOf(entry.strategy) }),
    ...(entry.migrate === undefined ? {} : { migrate: migrationOf(entry.migrate, entry.container ?? name) }),
    needs: entry.needs ?? [],
  };
}

function cleanPath(path: string): string {
  return path.replace(/^(\.\/)+/, '').replace(/\/+$/, '') || '.';
}

/** What a schema cannot say of a strategy: which of its settings go together. */
function contradictions(document: YamlDocument): Fault[] {
  const services = (document.value as { services?: unknown } | null | undefined)?.services;
  if (typeof services !== 'object' || services === null || Array.isArray(services)) return [];
  return Object.entries(services).flatMap(([name, entry]) =>
    strategyFaults((entry as { strategy?: unknown } | null)?.strategy).map(({ path, message }) => ({
      message: `services.${name}.strategy${message}`,
      place: document.placeOf(['services', name, 'strategy', ...path]),
    })),
  );
}

/** What a schema cannot say: needs must name services, and must not go round. */
function needsFaults(document: YamlDocument): Fault[] {
  const services = (document.value as { services?: unknown } | null | undefined)?.services;
  if (typeof services !== 'object' || services === null || Array.isArray(services)) return [];
  const needs = mapValues(services as Record<string, unknown>, (entry) => ({ needs: needsIn(entry) }));
  const unknown = Object.entries(needs).flatMap(([name, entry]) =>
    entry.needs.flatMap((need, i) => {
      if (own(needs, need)) return [];
      const hint = renderNearMatches(need, Object.keys(needs));
      const place = document.placeOf(['services', name, 'needs', i]);
      return [
        { message: `services.${name} needs "${need}", which is not a service of this file.${hint}`, place },
      ];
    }),
  );
  return [...unknown, ...cycleFaults(needs, document)];
}

function cycleFaults(needs: Record<string, { needs: string[] }>, document: YamlDocument): Fault[] {
  const cycle = tryCycle(needs);
  if (!cycle) return [];
  const [first = '', second = ''] = cycle;
  const index = needs[first]?.needs.indexOf(second) ?? 0;
  const message = `needs go round: ${cycle.join(' needs ')}; take one of them out`;
  return [{ message, place: document.placeOf(['services', first, 'needs', index]) }];
}

function needsIn(entry: unknown): string[] {
  const needs = (entry as { needs?: unknown } | null)?.needs;
  return Array.isArray(needs) ? needs.filter((need) => typeof need === 'string') : [];
}

function mapValues<V, W>(
  record: Record<string, V>,
  change: (value: V, name: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

function own<V>(record: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
