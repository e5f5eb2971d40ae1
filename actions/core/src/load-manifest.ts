import schema from '../berth.schema.json' with { type: 'json' };
import { type Fault, faultsError } from './errors.ts';
import type { Environment, Manifest, Registry, Service } from './manifest.ts';
import { migrationOf } from './manifest-migration.ts';
import { type StrategyEntry, strategyFaults, strategyOf } from './manifest-strategy.ts';
import { renderNearMatches } from './near-match.ts';
import { tryCycle } from './needs-order.ts';
import { checkAgainstSchema } from './schema-check.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';

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
      if (Object.hasOwn(needs, need)) return [];
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

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
