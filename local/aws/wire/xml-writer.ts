import type { NormalizedSchema } from '@smithy/core/schema';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

/** Escapes a text for the content or an attribute of an XML element. */
export const escapeXml = (text: string): string => text.replace(/[&<>"'\r]/g, (c) => ENTITIES[c] ?? c);

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/**
 * Writes the members of a structure as AWS Query's XML, without an element around them.
 *
 * Absent members are left out, empty lists and maps become empty elements, members the schema does not know
 * are dropped. Source: awsQuery protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function writeXmlMembers(schema: NormalizedSchema, value: unknown): string {
  if (!schema.isStructSchema() || !isRecord(value)) return '';
  let xml = '';
  for (const [name, member] of schema.structIterator()) {
    const item = value[name];
    if (item === undefined || item === null) continue;
    xml += writeMember(member.getMergedTraits().xmlName ?? name, member, item);
  }
  return xml;
}

function writeMember(name: string, schema: NormalizedSchema, value: unknown): string {
  if (schema.isListSchema()) return writeList(name, schema, value);
  if (schema.isMapSchema()) return writeMap(name, schema, value);
  if (schema.isStructSchema()) return element(name, writeXmlMembers(schema, value));
  return element(name, escapeXml(scalarText(schema, value)));
}

function writeList(name: string, schema: NormalizedSchema, value: unknown): string {
  const item = schema.getValueSchema();
  const flat = Boolean(schema.getMergedTraits().xmlFlattened);
  const itemName = flat ? name : (item.getMergedTraits().xmlName ?? 'member');
  const items = (Array.isArray(value) ? value : [])
    .filter((entry) => entry !== undefined && entry !== null)
    .map((entry) => writeMember(itemName, item, entry))
    .join('');
  return flat ? items : element(name, items);
}

function writeMap(name: string, schema: NormalizedSchema, value: unknown): string {
  const key = schema.getKeySchema();
  const item = schema.getValueSchema();
  const flat = Boolean(schema.getMergedTraits().xmlFlattened);
  const entries = Object.entries(isRecord(value) ? value : {})
    .filter(([, entry]) => entry !== undefined && entry !== null)
    .map(([k, entry]) =>
      element(
        flat ? name : 'entry',
        writeMember(key.getMergedTraits().xmlName ?? 'key', key, k) +
          writeMember(item.getMergedTraits().xmlName ?? 'value', item, entry),
      ),
    )
    .join('');
  return flat ? entries : element(name, entries);
}

function scalarText(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (schema.isBlobSchema() && value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return String(value);
}
