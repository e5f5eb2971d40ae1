/**
 * Writes the tables of inputs and outputs in the README of each Terraform module and root, from its .tf files.
 *
 *     node scripts/terraform-docs.ts            writes
 *     node scripts/terraform-docs.ts --check    writes nothing; fails where a README differs from what would be written
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listModules, readModule, withModuleTables } from './terraform-tables.ts';

const ROOT = join(import.meta.dirname, '..', 'terraform');

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
for (const module of listModules(ROOT)) {
  const path = join(ROOT, module, 'README.md');
  const shown = join('terraform', module, 'README.md');
  if (!existsSync(path)) {
    console.error(`${shown} is missing; write it with the markers of its tables.`);
    process.exitCode = 1;
    continue;
  }
  const text = readFileSync(path, 'utf8');
  const fresh = withModuleTables(text, readModule(join(ROOT, module)));
  if (fresh === text) continue;
  if (values.check) {
    console.error(
      `${shown} is not what its .tf files give; run node scripts/terraform-docs.ts and commit it.`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(path, fresh);
    console.log(`wrote ${shown}`);
  }
}
