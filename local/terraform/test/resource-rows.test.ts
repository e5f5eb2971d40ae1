import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryFolder } from '../../machine/machine.ts';
import { computedDataSources } from '../data-sources/computed.ts';
import { dataRows } from '../local-backend/data-rows.ts';
import { createLocalBackend } from '../local-backend/local-backend.ts';
import { resourceRows } from '../local-backend/resource-rows.ts';
import { stateOnlyTypes } from '../local-backend/state-only-types.ts';
import { readProviderSchema } from '../schema/schema-file.ts';

const schema = await readProviderSchema();

describe('the rows of the local back end', () => {
  it('are of types that the schema has, each in one place', () => {
    const types = [...Object.keys(resourceRows), ...Object.keys(stateOnlyTypes)];
    expect(types.filter((type) => schema.resources[type] === undefined)).toEqual([]);
    expect(new Set(types).size).toBe(types.length);
    const looks = [...Object.keys(dataRows), ...Object.keys(computedDataSources)];
    expect(new Set(looks).size).toBe(looks.length);
  });

  it('name in their updates only arguments that the schema has', () => {
    const unknown = Object.entries(resourceRows).flatMap(([type, { update = [] }]) => {
      const block = schema.resources[type];
      const names = new Set(Object.keys({ ...block?.attributes, ...block?.block_types }));
      return update.flatMap((step) =>
        (step.names ?? []).filter((name) => !names.has(name)).map((name) => `${type}.${name}`),
      );
    });
    expect(unknown).toEqual([]);
  });

  it('are there for every type of the modules and stacks', async () => {
    const missing = new Set<string>();
    for (const [kind, type] of await typesInTree()) {
      const isThere =
        kind === 'resource'
          ? type in resourceRows || type in stateOnlyTypes
          : type in dataRows || type in computedDataSources;
      if (!isThere) missing.add(`${kind} ${type}`);
    }
    expect([...missing]).toEqual([]);
  });
});

describe('a type without a row', () => {
  it('is refused by its name, with the file to add it to', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const backend = createLocalBackend({ endpoint: 'http://127.0.0.1:1', credentials });
    const typeName = 'aws_guardduty_detector';
    const block = schema.resources[typeName];
    if (block === undefined) throw new Error(typeName);
    const settings = { region: 'us-east-1', accountId: '1', defaultTags: {} };
    await expect(backend.create({ typeName, block, settings }, {})).rejects.toThrow(
      /no resource aws_guardduty_detector.*local\/terraform\/local-backend\/rows\//s,
    );
    backend.close();
  });
});

async function typesInTree(): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const folder = join(repositoryFolder, 'terraform');
  for await (const file of glob('**/*.tf', { cwd: folder })) {
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, kind = '', type = ''] of text.matchAll(/^(resource|data|ephemeral)\s+"(aws_\w+)"/gm))
      found.push([kind, type]);
  }
  return found;
}
