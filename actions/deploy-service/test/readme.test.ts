import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** The part of a JSON Schema that the README repeats. */
interface Definition {
  properties?: Record<string, { description?: string }>;
  enum?: string[];
}

const read = (...path: string[]): string => readFileSync(join(import.meta.dirname, '..', ...path), 'utf8');
const readme = read('README.md');
const definitions: Record<string, Definition> = JSON.parse(read('..', 'core', 'berth.schema.json')).$defs;

/** The table between two markers, as the schema would write it. */
function tableOf(name: string): string {
  const rows = Object.entries(definitions[name]?.properties ?? {}).map(
    ([key, { description }]) => `| \`${key}\` | ${description} |`,
  );
  return ['| Key | What it is |', '| --- | --- |', ...rows].join('\n');
}

test.each(['strategy', 'breaker', 'alarms', 'pause', 'migrate'])(
  'says of %s in the README what the schema of the manifest says',
  (name) => {
    const found = new RegExp(`<!-- ${name} -->\n\n([^]*?)\n\n<!-- /${name} -->`).exec(readme)?.[1];
    expect(found).toBe(tableOf(name));
  },
);

test('names every stage that the schema takes', () => {
  const stages = definitions.stage?.enum ?? [];
  expect(stages).not.toHaveLength(0);
  for (const stage of stages) expect(readme).toContain(`\`${stage}\``);
});
