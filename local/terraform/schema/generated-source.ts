/**
 * Reads the TypeScript that the CDK Terrain generator wrote for one type, by its fixed shape.
 * Source: @cdktn/provider-aws 25.7.0, `lib/<type>/index.js`, whose inline source map holds that TypeScript.
 */

/** One argument or result as its class shows it. `reader` is the getter called, `child` the class of a structure. */
export type Member = {
  name: string;
  computed: boolean;
  optional: boolean;
  required: boolean;
  reader?: string;
  child?: string;
  isSet: boolean;
};

/** What the table that is written out as HCL says of an argument. */
export type HclEntry = { type: string; storage: string; converter?: string; writeOnly: boolean };

/** What an interface says of an argument: whether it is a block, whether it may be left out, its type. */
export type Property = { isBlock: boolean; required: boolean; tsType: string };

export type GeneratedClass = { name: string; base: string; body: string; members: readonly Member[] };

export type GeneratedSource = {
  /** Terraform's name of the type, `aws_vpc`; `aws` for the provider. */
  typeName: string;
  main: GeneratedClass;
  classes: ReadonlyMap<string, GeneratedClass>;
  interfaces: ReadonlyMap<string, ReadonlyMap<string, Property>>;
  /** By the converter's name without its ending, `securityGroupIngress`. */
  hclTables: ReadonlyMap<string, ReadonlyMap<string, HclEntry>>;
  mainHclTable: ReadonlyMap<string, HclEntry>;
};

const classPattern = /^export class (\w+) extends cdktn\.(\w+) \{\n([\s\S]*?)^\}/gm;
const interfacePattern = /^export interface (\w+)(?: extends [\w., ]+)? \{\n([\s\S]*?)^\}/gm;
const propertyPattern = /\/\*\*([\s\S]*?)\*\/\s+readonly (\w+)(\??): ([^;]+(?:;\s*\};?)?)/g;
const converterPattern = /^export function (\w+)ToHclTerraform\([^\n]*\{\n([\s\S]*?)^\}/gm;
const entryPattern =
  /^( +)(\w+): \{\n\1 {2}value: ([\s\S]*?),\n\1 {2}isBlock: (?:true|false),\n\1 {2}type: "(\w+)",\n\1 {2}storageClassType: "(\w+)",/gm;
const memberPattern =
  /^ {2}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n([\s\S]*?)(?=^ {2}\/\/ \w+ - computed: |^ {2}\/\/ =====|(?![\s\S]))/gm;
const mainBase = /^Terraform(Resource|DataSource|Provider|EphemeralResource)$/;

/** Gives the TypeScript inside a compiled file's inline source map. */
export function readEmbeddedSource(compiled: string): string {
  const map = compiled.slice(compiled.lastIndexOf('base64,') + 'base64,'.length).trim();
  const { sourcesContent } = JSON.parse(Buffer.from(map, 'base64').toString('utf8')) as {
    sourcesContent?: string[];
  };
  const source = sourcesContent?.[0];
  if (source === undefined)
    throw new Error('the file has no TypeScript in its source map: is it of @cdktn/provider-aws 25?');
  return source;
}

/** Takes the parts out of one type's TypeScript. Throws when it is not of the shape named above. */
export function parseGeneratedSource(source: string): GeneratedSource {
  const typeName = source.match(/static readonly tfResourceType = "(\w+)"/)?.[1];
  const classes = new Map(
    [...source.matchAll(classPattern)].map(([, name = '', base = '', body = '']) => [
      name,
      { name, base, body, members: parseMembers(body) },
    ]),
  );
  const main = [...classes.values()].find(({ base }) => mainBase.test(base));
  if (typeName === undefined || main === undefined)
    throw new Error('the source declares no Terraform type: its shape differs from @cdktn/provider-aws 25.');
  const synthesized = main.body.match(/synthesizeHclAttributes\(\)[^\n]*\{\n([\s\S]*)/)?.[1] ?? '';
  return {
    typeName,
    main,
    classes,
    interfaces: parseInterfaces(source),
    hclTables: new Map(
      [...source.matchAll(converterPattern)].map(([, name = '', body = '']) => [name, parseEntries(body)]),
    ),
    mainHclTable: parseEntries(synthesized),
  };
}

function parseInterfaces(source: string): Map<string, Map<string, Property>> {
  return new Map(
    [...source.matchAll(interfacePattern)].map(([, name = '', body = '']) => [name, parseProperties(body)]),
  );
}

function parseProperties(body: string): Map<string, Property> {
  const properties = new Map<string, Property>();
  for (const [, comment = '', camelName = '', mark, tsType = ''] of body.matchAll(propertyPattern)) {
    const name = comment.match(/docs(?:\/[\w-]+\/[\w-]+)?#(\w+) /)?.[1] ?? camelName;
    const isBlock = new RegExp(`^\\s*\\* ${name} block\\s*$`, 'm').test(comment);
    properties.set(name, { isBlock, required: mark === '', tsType: tsType.trim() });
  }
  return properties;
}

function parseEntries(body: string): Map<string, HclEntry> {
  const entries = new Map<string, HclEntry>();
  for (const [, , name = '', value = '', type = '', storage = ''] of body.matchAll(entryPattern)) {
    const converter = value.match(/(\w+)ToHclTerraform/)?.[1];
    entries.set(name, { type, storage, converter, writeOnly: value.includes('markWriteOnly') });
  }
  return entries;
}

function parseMembers(body: string): Member[] {
  return [...body.matchAll(memberPattern)].map(([, name = '', computed, optional, required, rest = '']) => {
    const created = rest.match(/= new (?:cdktn\.)?(\w+)\(this, ["']\w+["'](?:, (true|false))?/);
    const read = rest.match(/return (?:cdktn\.Token\.\w+\()?(cdktn\.Fn\.tolist\()?this\.(\w+)\(/);
    return {
      name,
      computed: computed === 'true',
      optional: optional === 'true',
      required: required === 'true',
      ...(created ? { child: created[1] } : { reader: read?.[2] }),
      isSet: created ? created[2] === 'true' : read?.[1] !== undefined,
    };
  });
}
