import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { type BuildResult, build, type Metafile, type Plugin } from 'esbuild';

/** One file of a bundle; `path` is relative to the bundle's folder. */
export interface BundleFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Bundles one action: `index.js` holds what every run needs, `chunks/` what is loaded when it is used, and
 * `licenses.txt` the terms of all packages within. The same sources and packages give the same bytes, wherever the
 * repository lies and whatever the machine.
 */
export async function bundleAction(entry: string, root: string): Promise<BundleFile[]> {
  const result = await build({
    entryPoints: { index: entry },
    absWorkingDir: root,
    outdir: join(root, 'bundle'),
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    chunkNames: 'chunks/[hash]',
    // The SDK's ES modules: what an action does not use of them is left out.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    tsconfigRaw: {},
    plugins: [plainBuiltins, lateOidc, noDispatcher],
  });
  const files = outputsOf(result, join(root, 'bundle'));
  const licenses = { path: 'licenses.txt', text: renderLicenses(packagesOf(result.metafile, root)) };
  return [...files, licenses, { path: 'package.json', text: '{"type":"module"}\n' }];
}

function outputsOf({ outputFiles = [] }: BuildResult<{ write: false }>, folder: string): BundleFile[] {
  return outputFiles.map(({ path, text }) => ({ path: path.slice(folder.length + 1), text }));
}

/**
 * Takes Node's own modules without a view of them as ES modules: to make one, Node reads every property, and that of
 * `http` and `https` loads a whole second HTTP client (undici) that nothing here uses, about 15 ms a start.
 */
const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup({ onResolve, onLoad }) {
    const known = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));
    onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return known.has(name) ? { path: name, namespace: 'builtin', sideEffects: false } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
    }));
  },
};

const OIDC_IMPORT = "import { OidcClient } from './oidc-utils.js';\n";
const OIDC_CALL = 'return yield OidcClient.getIDToken(aud);';

/**
 * Lets `@actions/core` load the client of GitHub's token service when a token is asked for: its HTTP library is
 * three times as large as all else an action loads. Fails the build where the package has changed.
 */
const lateOidc: Plugin = {
  name: 'late-oidc',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@actions[\\/]core[\\/]lib[\\/]core\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes(OIDC_IMPORT) || !text.includes(OIDC_CALL)) {
        return {
          errors: [{ text: 'getIDToken of @actions/core is not written as expected; see late-oidc' }],
        };
      }
      const call = "return yield (yield import('./oidc-utils.js')).OidcClient.getIDToken(aud);";
      return { contents: text.replace(OIDC_IMPORT, '').replace(OIDC_CALL, call) };
    });
  },
};

/**
 * Leaves undici out of `@actions/http-client`, which takes one class of it to make dispatchers for other people's
 * `fetch`: nobody here asks for one, and it would be a third of every bundle. Asking for one says so.
 */
const noDispatcher: Plugin = {
  name: 'no-dispatcher',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ importer }) =>
      /[\\/]@actions[\\/]http-client[\\/]/.test(importer)
        ? { path: 'undici', namespace: 'no-dispatcher' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'no-dispatcher' }, () => ({
      contents: `export class ProxyAgent {
        constructor() { throw new Error('The bundle has no dispatcher for fetch; see no-dispatcher in bundle-action.ts.'); }
      }`,
    }));
  },
};

interface BundledPackage {
  readonly name: string;
  readonly license: string;
  readonly text: string;
}

/** The packages of which any byte is in the bundle, by name. */
function packagesOf(metafile: Metafile, root: string): BundledPackage[] {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  );
  const folders = new Set(inputs.flatMap((path) => packageFolderOf(path) ?? []));
  const packages = [...folders].map((folder) => readPackage(join(root, folder)));
  return packages.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** `node_modules/@smithy/core/dist-es/x.js` → `node_modules/@smithy/core`; `undefined` for our own files. */
function packageFolderOf(path: string): string | undefined {
  return /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function readPackage(folder: string): BundledPackage {
  const {
    name,
    version,
    license = 'unknown terms',
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = readdirSync(folder).filter((file) =>
    /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(file),
  );
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name: `${name} ${version}`, license, text: texts.join('\n\n').replaceAll('\r\n', '\n') };
}

/** Each text once, under the packages that carry it. */
function renderLicenses(packages: readonly BundledPackage[]): string {
  const byText = Map.groupBy(packages, ({ license, text }) => text || `Licensed under ${license}.`);
  const parts = [...byText].map(
    ([text, carriers]) => `${carriers.map(({ name }) => name).join('\n')}\n\n${text}\n`,
  );
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}
