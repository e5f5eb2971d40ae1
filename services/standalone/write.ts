/** `node standalone/write.ts FOLDER` writes the services as a repository of their own: a build context for Docker. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readStandaloneFiles } from './files.ts';

const [folder, ...more] = process.argv.slice(2);
if (!folder || more.length > 0) {
  console.error('Write one folder, for example node standalone/write.ts /tmp/platform.');
  process.exit(2);
}
const services = join(import.meta.dirname, '..');
const lock = await readFile(join(services, '../package-lock.json'), 'utf8');
for (const [path, text] of Object.entries(await readStandaloneFiles(services, lock))) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
