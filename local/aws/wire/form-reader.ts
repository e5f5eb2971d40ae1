import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsFault } from '../fault.ts';

type FormNode = { text?: string; children: Map<string, FormNode> };

const emptyNode = (): FormNode => ({ children: new Map() });

/**
 * Reads the parameters of an AWS Query request (`Tags.member.1.Key=a`) into the shape of a schema.
 *
 * Lists are in the order of their numbers, gaps allowed; an empty text at a list or map is an empty one.
 * Throws `MalformedInput` where a text is no number, boolean or date.
 * Source: awsQuery protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function readForm(schema: NormalizedSchema, form: URLSearchParams): unknown {
  const root = emptyNode();
  for (const [key, text] of form) {
    let node = root;
    for (const part of key.split('.')) {
      const next = node.children.get(part) ?? emptyNode();
      node.children.set(part, next);
      node = next;
    }
    node.text = text;
  }
  return readNode(schema, root, '');
}

function readNode(schema: NormalizedSchema, node: FormNode, path: string): unknown {
  if (schema.isStructSchema()) return readStruct(schema, node, path);
  if (schema.isListSchema()) return readList(schema, node, path);
  if (schema.isMapSchema()) return readMap(schema, node, path);
  return readScalar(schema, node.text ?? '', path);
}

function readStruct(schema: NormalizedSchema, node: FormNode, path: string): Record<string, unknown> {
  const struct: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const key = member.getMergedTraits().xmlName ?? name;
    const child = node.children.get(key);
    if (child) struct[name] = readNode(member, child, path ? `${path}.${key}` : key);
  }
  return struct;
}

function numbered(node: FormNode): FormNode[] {
  return [...node.children]
    .filter(([key]) => /^[1-9]\d*$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);
}

function readList(schema: NormalizedSchema, node: FormNode, path: string): unknown[] {
  const item = schema.getValueSchema();
  const holder = schema.getMergedTraits().xmlFlattened
    ? node
    : node.children.get(item.getMergedTraits().xmlName ?? 'member');
  return holder ? numbered(holder).map((child, i) => readNode(item, child, `${path}.member.${i + 1}`)) : [];
}

function readMap(schema: NormalizedSchema, node: FormNode, path: string): Record<string, unknown> {
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const value = schema.getValueSchema();
  const valueName = value.getMergedTraits().xmlName ?? 'value';
  const holder = schema.getMergedTraits().xmlFlattened ? node : node.children.get('entry');
  const map: Record<string, unknown> = {};
  for (const entry of holder ? numbered(holder) : []) {
    const key = entry.children.get(keyName)?.text ?? '';
    map[key] = readNode(value, entry.children.get(valueName) ?? emptyNode(), `${path}.${key}`);
  }
  return map;
}

function readScalar(schema: NormalizedSchema, text: string, path: string): unknown {
  if (schema.isNumericSchema()) {
    const value = Number(text);
    if (text.trim() === '' || Number.isNaN(value)) throw malformed(path, 'a number', text);
    return value;
  }
  if (schema.isBooleanSchema()) {
    if (text !== 'true' && text !== 'false') throw malformed(path, 'true or false', text);
    return text === 'true';
  }
  if (schema.isTimestampSchema()) {
    const value = new Date(text);
    if (Number.isNaN(value.getTime())) throw malformed(path, 'a date', text);
    return value;
  }
  return schema.isBlobSchema() ? new Uint8Array(Buffer.from(text, 'base64')) : text;
}

function malformed(path: string, expected: string, text: string): AwsFault {
  return new AwsFault('MalformedInput', `${path} is '${text}'; ${expected} was expected.`);
}
