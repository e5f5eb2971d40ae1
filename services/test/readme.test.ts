import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { renderConfigTable } from '../lib/config.ts';
import { descriptions } from './descriptions.ts';

const marks = /(<!-- configuration -->\n)[\s\S]*?(<!-- \/configuration -->)/;

test.each(descriptions)('the README of $name has the configuration table of its schema', async (service) => {
  const file = new URL(`../${service.name}/README.md`, import.meta.url);
  const text = await readFile(file, 'utf8');
  const table = `$1\n${renderConfigTable(service.config).replaceAll('$', '$$$$')}\n\n$2`;
  const current = text.replace(marks, table);
  // Rewrites the table when asked to: REWRITE=1.
  if (process.env.REWRITE === '1') await writeFile(file, current);
  else expect(text).toBe(current);
});
