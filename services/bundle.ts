/**
 * `SERVICE=<name> node bundle.ts [out folder]` writes `service.cjs`: that one service (or `all`) and its packages in one
 * file, and beside it what cannot be in there: migrations, native code, and `main.cjs`, which starts it, or answers
 * `health` without it. It is all an image needs beside Node. Run by the Dockerfile.
 */
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/**
 * Bundles one service: writes `main`, a path that ends with `main.cjs`, and what belongs beside it. The files are
 * CommonJS: the packages are, and Node starts them without a package.json.
 */
export async function bundleService(service: string, sources: string, main: string): Promise<void> {
  const folder = dirname(main);
  const options = {
    absWorkingDir: sources,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The SDK's ES modules, so that commands nobody uses are left out.
    mainFields: ['module', 'main'],
    define: { 'process.env.SERVICE': JSON.stringify(service) },
    // Drops the branches of the other services; lines and names stay, so that a stack trace can be read.
    minifySyntax: true,
    legalComments: 'none',
    // What is not JavaScript, such as the hashing of passwords, goes beside the file.
    loader: { '.node': 'copy' },
    logLevel: 'warning',
  } as const satisfies BuildOptions;
  await build({
    ...options,
    entryPoints: ['main.ts'],
    outfile: main,
    plugins: [serviceBeside],
    // Makes `require` of it: an `import` would first look through the whole file for what it exports.
    supported: { 'dynamic-import': false },
  });
  const file = join(folder, 'service.cjs');
  await build({
    ...options,
    entryPoints: ['service-commands.ts'],
    outfile: file,
    plugins: [oneCopyOf(/^(graphql|undici)$/, sources)],
  });
  await writeInLatin1(file);
  await copyMigrations(service, sources, folder);
}

/** Leaves the service out of `main.cjs`, which loads it from beside itself. */
const serviceBeside: Plugin = {
  name: 'service-beside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/service-commands\.ts$/ }, () => ({ path: './service.cjs', external: true })),
};

/**
 * Writes as escapes what is above Latin-1, which esbuild leaves in comments and regular expressions: one such character
 * has V8 keep the whole text with two bytes for each, 5 MB more of memory for as long as the service runs.
 */
async function writeInLatin1(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const escaped = text.replace(
    /[\u0100-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  await writeFile(file, escaped);
}

/**
 * Has everybody who asks for one of these packages get the services' own: a package that brings its own copy, or the
 * other half of one that is there as CommonJS and as a module, makes an image a megabyte larger, and two GraphQLs do not
 * take each other's schemas.
 */
function oneCopyOf(packages: RegExp, sources: string): Plugin {
  const { resolve } = createRequire(join(sources, 'package.json'));
  return {
    name: 'one-copy',
    setup: ({ onResolve }) => onResolve({ filter: packages }, ({ path }) => ({ path: resolve(path) })),
  };
}

/** `<name>/migrations/*.sql` as in the sources, for `main.cjs migrate`; of every service for `all`. */
async function copyMigrations(service: string, sources: string, out: string): Promise<void> {
  const names = service === 'all' ? await readdir(sources) : [service];
  for (const name of names) {
    const folder = join(sources, name, 'migrations');
    if (existsSync(folder)) await cp(folder, join(out, name, 'migrations'), { recursive: true });
  }
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) {
  const service = process.env.SERVICE;
  if (!service) throw new Error('SERVICE is missing; write for example --build-arg SERVICE=email-api.');
  // As esbuild's own command does: it has ended before it needs memory back, and takes a third less time.
  process.env.GOGC ??= 'off';
  await bundleService(
    service,
    fileURLToPath(new URL('.', import.meta.url)),
    `${process.argv[2] ?? 'out'}/main.cjs`,
  );
}
