import { parse } from 'yaml';
import type { Files } from '../caller.ts';

/** One service of the manifest, as far as the rehearsal has to know it. */
export interface CatalogueEntry {
  readonly name: string;
  /** Port it answers HTTP on; `undefined` where nobody calls it. */
  readonly port: number | undefined;
  readonly needs: readonly string[];
  readonly migrates: boolean;
}

/** The parts of `berth.yaml` that are read or rewritten here. */
export interface Manifest {
  version: 1;
  registry: { account: string; region: string; prefix: string };
  environments: Record<string, object>;
  services: Record<string, ManifestService>;
}

interface ManifestService {
  args: Record<string, string>;
  'task-definition': string;
  migrate?: { command: string[]; environment?: Record<string, string> };
  needs?: string[];
}

export function readManifest(files: Files, path: string): Manifest {
  return parse(files[path] ?? '') as Manifest;
}

/** The services in an order in which each comes after those it needs, as Terraform makes them in an account. */
export function catalogueOf(manifest: Manifest, files: Files): CatalogueEntry[] {
  const entries: CatalogueEntry[] = [];
  const add = (name: string): void => {
    if (entries.some((entry) => entry.name === name)) return;
    const { needs = [], migrate, 'task-definition': path } = manifest.services[name] ?? fail(name);
    needs.forEach(add);
    const text = files[path] ?? fail(path);
    const port = (JSON.parse(text) as TaskDocument).containerDefinitions[0]?.portMappings[0]?.containerPort;
    // It has a port for those who watch it, and takes its work from a queue.
    const isCalled = name !== 'email-consumer';
    entries.push({ name, port: isCalled ? port : undefined, needs, migrates: migrate !== undefined });
  };
  Object.keys(manifest.services).forEach(add);
  return entries;
}

/** The services in waves: each comes in the first one after all that it needs. `services` are in that order already. */
export function wavesOf(services: readonly CatalogueEntry[]): CatalogueEntry[][] {
  const waveOf = new Map<string, number>();
  for (const { name, needs } of services)
    waveOf.set(name, 1 + Math.max(-1, ...needs.map((needed) => waveOf.get(needed) ?? -1)));
  return [...Map.groupBy(services, ({ name }) => waveOf.get(name)).values()];
}

interface TaskDocument {
  containerDefinitions: { portMappings: { containerPort: number }[] }[];
}

function fail(what: string): never {
  throw new Error(`The sources of the services have no ${what}.`);
}
