import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Look, Step } from '../row.ts';
import { first, type Shape, text } from '../shape.ts';
import { tagList, tagsOf } from '../tags.ts';

export const stickinessAttributes = {
  enabled: 'stickiness.enabled',
  type: 'stickiness.type',
  cookie_name: 'stickiness.app_cookie.cookie_name',
};

export const tags = {
  read: {
    command: 'DescribeTags',
    input: ({ arn }: Known) => ({ ResourceArns: [arn] }),
    tags: (answer: Shape) => tagsOf(first(answer.TagDescriptions)?.Tags),
  },
  set: {
    command: 'AddTags',
    input: ({ arn }: Known, added: Readonly<Record<string, string>>) => ({
      ResourceArns: [arn],
      Tags: tagList(added),
    }),
  },
  unset: {
    command: 'RemoveTags',
    input: ({ arn }: Known, TagKeys: readonly string[]) => ({ ResourceArns: [arn], TagKeys }),
  },
};

export function arnOf(arn: unknown): ObjectValue {
  return { id: text(arn), arn: text(arn) };
}

export function stickinessOf(value: Known): Shape[] {
  const [block] = isList(value.stickiness) ? value.stickiness : [];
  if (!isObject(block)) return [];
  const named = Object.entries(stickinessAttributes).map(([name, Key]) => ({
    Key,
    Value: text(block[name]),
  }));
  const duration = {
    Key: `stickiness.${text(block.type)}.duration_seconds`,
    Value: text(block.cookie_duration),
  };
  return [...named, duration].filter(({ Value }) => Value !== '');
}

export function writeAttributes(
  noun: 'LoadBalancer' | 'TargetGroup',
  names: Readonly<Record<string, string>>,
): Step {
  return {
    command: `Modify${noun}Attributes`,
    input: (value) => ({
      [`${noun}Arn`]: value.id,
      Attributes: [...attributesOf(value, names), ...(noun === 'TargetGroup' ? stickinessOf(value) : [])],
    }),
  };
}

export function readAttributes(
  noun: 'Listener' | 'LoadBalancer' | 'TargetGroup',
  state: (found: Readonly<Record<string, string>>, at: At) => ObjectValue,
): Look {
  return {
    command: `Describe${noun}Attributes`,
    input: ({ id }) => ({ [`${noun}Arn`]: id }),
    state: ({ Attributes }, _, at) => state(tagsOf(Attributes), at),
  };
}

export function attributesOf(value: Known, names: Readonly<Record<string, string>>): Shape[] {
  return Object.entries(names)
    .filter(([name]) => value[name] !== null && value[name] !== undefined && value[name] !== '')
    .map(([name, Key]) => ({ Key, Value: text(value[name]) }));
}

export function attributeState(
  found: Readonly<Record<string, string>>,
  names: Readonly<Record<string, string>>,
  block: At['block'],
): ObjectValue {
  const answered = Object.entries(names).filter(([, key]) => found[key] !== undefined);
  return Object.fromEntries(
    answered.map(([name, key]) => {
      const value = found[key] ?? '';
      const type = block.attributes[name]?.type;
      if (type === 'number') return [name, Number(value)];
      return [name, type === 'bool' ? value === 'true' : value];
    }),
  );
}
