/**
 * Completes package-lock.json with the platform packages of other machines.
 *
 * npm leaves an optional dependency out of the lock file when the registry at hand does not serve it for some
 * platform (npm/cli#4828); `npm ci` then refuses the lock file everywhere. Each missing one is entered with
 * the exact version its dependent asks for and the platform its name states; npm fetches it only there.
 * Run after every `npm install`: `node scripts/complete-lock.mjs`. `--check` changes nothing and fails if
 * something is missing or a download host crept in.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = [
  'linux',
  'darwin',
  'win32',
  'android',
  'freebsd',
  'openharmony',
  'aix',
  'netbsd',
  'openbsd',
  'sunos',
];
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];

/** The `os` and `cpu` fields that a platform package's name states, e.g. `@swc/core-linux-arm-gnueabihf`. */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  return { ...(cpu.length ? { cpu } : {}), ...(os.length ? { os } : {}) };
}

/** The entries a lock file's `packages` lack: optional dependencies with an exact version and no entry. */
export function missingPlatformPackages(packages) {
  const missing = {};
  for (const entry of Object.values(packages))
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (packages[path] || !platform.os || !/^\d/.test(range)) continue;
      missing[path] = { version: range, ...platform, optional: true, ...(entry.dev ? { dev: true } : {}) };
    }
  return missing;
}

if (process.argv[1] === import.meta.filename) {
  const file = new URL('../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingPlatformPackages(lock.packages);
  const hosts = Object.values(lock.packages).filter((entry) => /^https?:/.test(entry.resolved ?? ''));
  if (process.argv.includes('--check')) {
    const faults = [
      ...Object.keys(missing).map((path) => `missing ${path}`),
      ...hosts.map((entry) => `download host ${entry.resolved}`),
    ];
    if (faults.length)
      throw new Error(`package-lock.json: ${faults.join(', ')}; run node scripts/complete-lock.mjs`);
  } else {
    lock.packages = Object.fromEntries(
      Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en')),
    );
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
    console.log(`${Object.keys(missing).length} platform packages added`);
  }
}
