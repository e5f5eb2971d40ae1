import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Paths of the files below a folder, relative to it and sorted; only those that pass, if told. */
export async function filesBelow(
  folder: string,
  passes: (path: string) => boolean = () => true,
): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter(passes)
    .sort();
}
