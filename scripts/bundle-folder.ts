import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleAction } from './bundle-action.ts';

const ROOT = join(import.meta.dirname, '..');

/** Bundles an action into a folder, as `npm run build` bundles it and a runner finds it. */
export async function writeBundle(action: string, folder: string): Promise<void> {
  for (const { path, text } of await bundleAction(join(ROOT, 'actions', action, 'src', 'index.ts'), ROOT)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
