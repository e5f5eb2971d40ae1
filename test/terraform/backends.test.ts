import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TERRAFORM } from './tree.ts';

const FOLDER = join(TERRAFORM, 'backends');

test.each(readdirSync(FOLDER))('%s leaves a state to the key of its bucket', (file) => {
  const settings = readFileSync(join(FOLDER, file), 'utf8').replaceAll(/^#.*$/gm, '');
  // Without a key beside it, `encrypt` writes the state under S3's own.
  expect(settings).not.toMatch(/\bencrypt\b/);
  expect(settings).toMatch(/\buse_lockfile\s*= true/);
});
