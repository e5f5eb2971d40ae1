import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type PackName, rewriteForAct } from './pack-rewrite.ts';

export interface PackCopyOptions extends PackName {
  /** Root of the pack: `.github/workflows/*.yml` and `actions/NAME/action.yml`. */
  packDir: string;
  /** Folder to make; must not exist or be empty. */
  into: string;
  /** Where the built bundle of an action is; default `actions/NAME/dist` in the pack. */
  distOf?: (action: string) => string;
}

/**
 * Copies what act needs of the pack: workflows and action files rewritten by `rewriteForAct`, and each
 * action's `dist` byte for byte. Sources, tests and docs stay behind.
 */
export async function copyPackForAct(options: PackCopyOptions): Promise<void> {
  const { packDir, into } = options;
  const distOf = options.distOf ?? ((action) => join(packDir, 'actions', action, 'dist'));
  for (const file of await listYaml(join(packDir, '.github', 'workflows'))) {
    await copyRewritten(file, join(into, '.github', 'workflows', basename(file)), options);
  }
  for (const action of await listActions(join(packDir, 'actions'))) {
    const target = join(into, 'actions', action);
    for (const file of await listYaml(join(packDir, 'actions', action))) {
      await copyRewritten(file, join(target, basename(file)), options);
    }
    await copyIfThere(distOf(action), join(target, 'dist'));
  }
}

async function copyRewritten(from: string, to: string, pack: PackName): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, rewriteForAct(await readFile(from, 'utf8'), pack));
}

async function listYaml(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(folder, name));
}

/** The folders that have an action.yml; `core` has none. */
async function listActions(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  const actions = await Promise.all(
    folders.map(async ({ name }) => {
      const files = await readdir(join(folder, name));
      return files.includes('action.yml') ? [name] : [];
    }),
  );
  return actions.flat();
}

/** A composite action has no bundle. */
async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, { recursive: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
