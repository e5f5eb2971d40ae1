import { createHash } from 'node:crypto';
import { isUnknown, type ObjectValue, renderKey, type Value } from '../protocol/value.ts';
import { mapAttributes } from '../provider/block-values.ts';
import type { ProviderSettings } from '../provider/provider-settings.ts';
import type { Attribute, Block, CtyType } from '../schema/provider-schema.ts';
import { resultShapes } from './result-shapes.ts';

/**
 * Fills in what the provider would decide, always the same for the same type, settings and arguments.
 *
 * `twin` tells apart things with the very same arguments, which have no address here; 0 for the first.
 */
export function fillFakes(
  subject: { typeName: string; block: Block; settings: ProviderSettings },
  planned: ObjectValue,
  twin: number,
): ObjectValue {
  const { typeName, block, settings } = subject;
  const seed = renderKey([typeName, settings.region, renderKey(planned), twin]);
  const shapes = resultShapes[typeName] ?? {};
  const shaped: Record<string, Value> = { ...planned };
  for (const [name, template] of Object.entries(shapes)) {
    if (isOpen(shaped[name])) shaped[name] = renderShape(template, shaped, settings, seed);
  }
  return mapAttributes(block, shaped, ({ attribute, value, dotted }) =>
    isUnknown(value) ? fakeValue(attribute, dotted, { typeName, settings, seed }) : value,
  );
}

type Subject = { typeName: string; settings: ProviderSettings; seed: string };

function fakeValue({ type, optional }: Attribute, dotted: string, subject: Subject): Value {
  const name = dotted.slice(dotted.lastIndexOf('.') + 1);
  if (optional && type === 'string' && !/(^|_)(arn|arns|id|name|identifier|bucket|region)$/.test(name))
    return '';
  return fakeOf(type, name, { ...subject, seed: subject.seed + dotted }, optional !== true);
}

/** A list of structures that only the provider fills has one member, so that what reads the first finds it. */
function fakeOf(type: CtyType, name: string, subject: Subject, isFilled: boolean): Value {
  if (type === 'string') return fakeText(name, subject);
  if (type === 'number') return 0;
  if (type === 'bool') return false;
  const [kind, inner] = type;
  if (kind === 'map') return {};
  if (kind !== 'object')
    return isFilled && Array.isArray(inner) && inner[0] === 'object'
      ? [fakeOf(inner as CtyType, name, subject, true)]
      : [];
  return Object.fromEntries(
    Object.entries(inner).map(([key, member]) => [
      key,
      fakeOf(member, key, { ...subject, seed: `${subject.seed}.${key}` }, true),
    ]),
  );
}

function fakeText(name: string, { typeName, settings, seed }: Subject): string {
  const digest = hexOf(seed, 17);
  const noun = typeName.replace(/^aws_/, '');
  if (name === 'arn' || name.endsWith('_arn'))
    return `arn:aws:${noun.split('_')[0]}:${settings.region}:${settings.accountId}:${noun}/${digest}`;
  if (name === 'region') return settings.region;
  if (name === 'owner_id' || name === 'account_id' || name === 'registry_id') return settings.accountId;
  return `${noun}-${name.replaceAll('_', '-')}-${digest}`;
}

/** `{name}` is an argument or an earlier result, `{region}`, `{account}`; `#` is 17 hexadecimal digits, `##` 8. */
function renderShape(template: string, value: ObjectValue, settings: ProviderSettings, seed: string): Value {
  return template
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === 'region') return settings.region;
      if (name === 'account') return settings.accountId;
      const part = value[name];
      return isOpen(part) ? `fake-${hexOf(seed + name, 8)}` : String(part);
    })
    .replace(/##/g, hexOf(seed, 8))
    .replace(/#/g, hexOf(seed, 17));
}

function isOpen(value: Value | undefined): boolean {
  return value === undefined || value === null || isUnknown(value);
}

function hexOf(seed: string, digits: number): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, digits);
}
