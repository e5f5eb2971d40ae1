/** One package of a lock file, or a workspace folder; only what is read or changed here is named. */
interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  optional?: boolean;
  dev?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  [other: string]: unknown;
}

export interface LockFile {
  name: string;
  version?: string;
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
  [other: string]: unknown;
}

interface Need {
  name: string;
  /** Absent is allowed: an optional dependency, or an optional peer. */
  optional: boolean;
}

/**
 * Derives the lock file of one workspace alone from the lock file of the whole repository.
 *
 * `workspace` is the folder as the lock file names it, such as `services`. The result holds that folder's package as
 * its root and exactly the packages it reaches, each in the version, with the address and the checksum it has in the
 * repository, so that `npm ci` installs the same tree. Development dependencies are left out.
 * Throws when the lock file does not know the workspace or lacks a package that is needed.
 */
export function deriveLock(lock: LockFile, workspace: string): LockFile {
  const root = lock.packages[workspace];
  if (root === undefined) throw new Error(`The lock file has no workspace ${workspace}.`);
  const { devDependencies: _dropped, ...kept } = root;
  const { placed, origins } = placePackages(lock.packages, workspace);
  const required = findRequired(lock.packages, workspace);
  const packages: Record<string, LockedPackage> = { '': kept };
  for (const place of [...placed].sort((one, other) => one.localeCompare(other, 'en'))) {
    const origin = origins.get(place) ?? place;
    packages[place] = withFlags(lock.packages[origin] ?? {}, !required.has(origin));
  }
  const version = root.version;
  return {
    name: String(root.name ?? workspace),
    ...(version !== undefined && { version }),
    lockfileVersion: lock.lockfileVersion,
    requires: true,
    packages,
  };
}

/**
 * Walks the dependencies breadth first and puts each as high in `node_modules` as a package of that name is not there
 * yet, else beside the one that needs it: npm's own rule, so that nothing placed later can hide what was found.
 */
function placePackages(packages: LockFile['packages'], workspace: string) {
  const origins = new Map<string, string>([['', workspace]]);
  const queue = [''];
  for (const place of queue) {
    const origin = origins.get(place) ?? place;
    for (const need of needsOf(packages[origin] ?? {})) {
      const target = resolveIn((path) => path in packages, origin, need.name);
      if (target === undefined) {
        if (need.optional) continue;
        throw new Error(`The lock file has no ${need.name}, which ${origin} needs.`);
      }
      const found = resolveIn((path) => origins.has(path), place, need.name);
      if (found !== undefined && origins.get(found) === target) continue;
      const above = found === undefined ? '' : place;
      const next = `${above}${above === '' ? '' : '/'}node_modules/${need.name}`;
      origins.set(next, target);
      queue.push(next);
    }
  }
  return { placed: queue.slice(1), origins };
}

/** The packages that are reached without crossing an optional edge. */
function findRequired(packages: LockFile['packages'], workspace: string): Set<string> {
  const found = new Set<string>();
  const queue = [workspace];
  for (const origin of queue) {
    for (const need of needsOf(packages[origin] ?? {})) {
      const target = need.optional ? undefined : resolveIn((path) => path in packages, origin, need.name);
      if (target === undefined || found.has(target)) continue;
      found.add(target);
      queue.push(target);
    }
  }
  return found;
}

function needsOf(entry: LockedPackage): Need[] {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = entry;
  return [
    ...Object.keys(dependencies).map((name) => ({ name, optional: name in optionalDependencies })),
    ...Object.keys(optionalDependencies).map((name) => ({ name, optional: true })),
    ...Object.keys(peerDependencies)
      .filter((name) => peerDependenciesMeta[name]?.optional !== true)
      .map((name) => ({ name, optional: false })),
  ];
}

/** Node's resolution: the nearest `node_modules` from `from` upwards. */
function resolveIn(exists: (path: string) => boolean, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = parentOf(folder)) {
    const path = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
    if (exists(path)) return path;
    if (folder === '') return undefined;
  }
}

function parentOf(folder: string): string {
  const at = folder.lastIndexOf('/node_modules/');
  return at < 0 ? '' : folder.slice(0, at);
}

/** The flags say how a package is reached; here all are reached from the root's dependencies. Order of keys is kept. */
function withFlags(entry: LockedPackage, optional: boolean): LockedPackage {
  const { dev: _dev, devOptional: _devOptional, peer: _peer, ...rest } = entry;
  if (optional) return { ...rest, optional: true };
  const { optional: _optional, ...required } = rest;
  return required;
}
