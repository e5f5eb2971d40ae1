import { isDeepStrictEqual } from 'node:util';
import { type Manifest, withDependents } from '../../core/src/manifest.ts';
import { deploymentFileMatcher } from './service-files.ts';

/** Why each given service is given: a clause, such as `src/a.ts and 2 more files`. The keys keep the manifest's order. */
export type Reasons = ReadonlyMap<string, string>;

/**
 * Decides which services changed between two commits. `files` are the paths that differ; `before` is the manifest
 * of the older commit, `undefined` when it had none that can be read. A service that needs a changed one counts too.
 */
export function decideChangedServices(
  manifest: Manifest,
  before: Manifest | undefined,
  files: readonly string[],
): Reasons {
  const direct = new Map<string, string>();
  for (const service of Object.values(manifest.services)) {
    const own = files.filter(deploymentFileMatcher(service));
    const reason = own.length > 0 ? renderFiles(own) : manifestReason(manifest, before, service.name);
    if (reason !== undefined) direct.set(service.name, reason);
  }
  const reasonOf = (name: string): string => {
    const needed = manifest.services[name]?.needs.filter((need) => given.has(need)) ?? [];
    return direct.get(name) ?? `needs ${needed.join(' and ')}`;
  };
  const given = new Set(withDependents(manifest.services, direct.keys()));
  return new Map([...given].map((name) => [name, reasonOf(name)]));
}

/** The same reason for every service. */
export function allServices(manifest: Manifest, reason: string): Reasons {
  return new Map(Object.keys(manifest.services).map((name) => [name, reason]));
}

function manifestReason(now: Manifest, before: Manifest | undefined, name: string): string | undefined {
  if (!before) return `${now.file} is new or was not readable before`;
  if (!before.services[name]) return `new in ${now.file}`;
  if (!isDeepStrictEqual(now.services[name], before.services[name])) return `its entry in ${now.file}`;
  const ground = ({ registry, environments }: Manifest): unknown => ({ registry, environments });
  return isDeepStrictEqual(ground(now), ground(before))
    ? undefined
    : `registry or environments in ${now.file}`;
}

function renderFiles(files: readonly string[]): string {
  const [first = ''] = files;
  const more = files.length - 1;
  return more === 0 ? first : `${first} and ${more} more file${more === 1 ? '' : 's'}`;
}
