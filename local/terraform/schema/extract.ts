/**
 * Takes the AWS provider's schema out of the npm package @cdktn/provider-aws and writes it, compressed, beside
 * this file. Run after a change of wanted-types.txt or of the version below:
 *
 *     node local/terraform/schema/extract.ts
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { thisMachine } from '../../machine/machine.ts';
import { runProgram } from '../../machine/run-program.ts';
import { deriveBlock, deriveProviderBlock } from './derive-block.ts';
import { type GeneratedSource, parseGeneratedSource, readEmbeddedSource } from './generated-source.ts';
import type { Block, ProviderSchema, TypeKind } from './provider-schema.ts';
import { schemaFile, wantedTypesFile } from './schema-file.ts';
import { isWanted, parseWantedTypes } from './wanted-types.ts';

const packageName = '@cdktn/provider-aws';
const packageVersion = '25.7.0';
/** Of the archive that npm serves, read 2026-11. */
const archiveSha256 = 'b3e5ee2851ae47595a0dedad3678779aebca6d6b5f318ca1902b87ddbef82208';

async function main(): Promise<void> {
  const machine = thisMachine();
  const folder = join(machine.workFolder, 'terraform', `provider-aws-${packageVersion}`);
  await mkdir(folder, { recursive: true });
  await unpackSources(folder, machine.env);
  const wanted = parseWantedTypes(await readFile(wantedTypesFile, 'utf8'));
  const schema = await readSchema(folder, (kind, type) => isWanted(wanted, kind, type));
  for (const { kind, pattern } of wanted) assertFound(schema, kind, pattern);
  await writeFile(schemaFile, gzipSync(JSON.stringify(schema), { level: 9 }));
  const counts = [schema.resources, schema.dataSources, schema.ephemeralResources].map(
    (types) => Object.keys(types).length,
  );
  console.log(`wrote ${counts[0]} resources, ${counts[1]} data sources, ${counts[2]} ephemeral resources`);
}

async function unpackSources(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const options = { cwd: folder, env };
  const archive = `${packageName.replace('@', '').replace('/', '-')}-${packageVersion}.tgz`;
  const known = await readFile(join(folder, archive)).catch(() => undefined);
  if (known === undefined)
    await run('npm', ['pack', '--silent', `${packageName}@${packageVersion}`], options);
  const sha256 = createHash('sha256')
    .update(await readFile(join(folder, archive)))
    .digest('hex');
  if (sha256 !== archiveSha256)
    throw new Error(
      `${archive} has SHA-256 ${sha256}, expected ${archiveSha256}: not the file this was made for.`,
    );
  const members = ['--wildcards', 'package/lib/*/index.js', 'package/package.json'];
  await run('tar', ['-xzf', archive, ...members], options);
}

async function run(
  program: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const { code, stderr } = await runProgram(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`);
}

async function readSchema(
  folder: string,
  wants: (kind: TypeKind, typeName: string) => boolean,
): Promise<ProviderSchema> {
  const library = join(folder, 'package', 'lib');
  const manifest = JSON.parse(await readFile(join(folder, 'package', 'package.json'), 'utf8')) as {
    cdktn: { provider: { version: string } };
  };
  const found: Record<TypeKind, Record<string, Block>> = { resource: {}, data: {}, ephemeral: {} };
  for (const name of (await readdir(library)).sort()) {
    const source = await tryReadSource(join(library, name, 'index.js'), name, wants);
    if (source) found[kindOf(name)][source.typeName] = deriveBlock(source);
  }
  const provider = await tryReadSource(join(library, 'provider', 'index.js'), 'provider', () => true);
  if (provider === undefined) throw new Error(`${packageName} ${packageVersion} has no provider class`);
  return {
    version: manifest.cdktn.provider.version,
    provider: deriveProviderBlock(provider),
    resources: found.resource,
    dataSources: found.data,
    ephemeralResources: found.ephemeral,
  };
}

/** Folders are named after types with `data-aws-` and `ephemeral-aws-` before the other two kinds. */
function kindOf(folderName: string): TypeKind {
  if (folderName.startsWith('data-aws-')) return 'data';
  return folderName.startsWith('ephemeral-aws-') ? 'ephemeral' : 'resource';
}

async function tryReadSource(
  path: string,
  folderName: string,
  wants: (kind: TypeKind, typeName: string) => boolean,
): Promise<GeneratedSource | undefined> {
  const compiled = await readFile(path, 'utf8');
  const typeName = compiled.match(/tfResourceType = "(\w+)"/)?.[1];
  if (typeName === undefined || !wants(kindOf(folderName), typeName)) return undefined;
  return parseGeneratedSource(readEmbeddedSource(compiled));
}

function assertFound(schema: ProviderSchema, kind: TypeKind, pattern: string): void {
  const types = {
    resource: schema.resources,
    data: schema.dataSources,
    ephemeral: schema.ephemeralResources,
  };
  if (!Object.keys(types[kind]).some((type) => isWanted([{ kind, pattern }], kind, type)))
    throw new Error(`provider ${schema.version} has no ${kind} type ${pattern}: correct wanted-types.txt.`);
}

await main();
