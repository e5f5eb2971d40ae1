import { isObject, type ObjectValue, type Value } from '../protocol/value.ts';
import type { ProviderSettings } from '../provider/provider-settings.ts';
import type { At, Known, Row, TagStyle } from './row.ts';
import { type Shape, shapes, text } from './shape.ts';

export type Tags = Record<string, string>;

/** Gives the tags to write at a creation: the resource's with the provider's. */
export function allTags(value: Known): Tags {
  const tags = value.tags_all ?? value.tags ?? null;
  return isObject(tags)
    ? Object.fromEntries(Object.entries(tags).map(([key, item]) => [key, text(item)]))
    : {};
}

/** Gives tags as `[{ Key, Value }]`, or with lower-case names; `undefined` for none. */
export function tagList(tags: Readonly<Tags>, style: 'pascal' | 'camel' = 'pascal'): Shape[] | undefined {
  const [key, item] = style === 'pascal' ? ['Key', 'Value'] : ['key', 'value'];
  const list = Object.entries(tags).map(([name, inner]) => ({ [key]: name, [item]: inner }));
  return list.length > 0 ? list : undefined;
}

/** Reads a list of tags of either spelling. */
export function tagsOf(list: unknown): Tags {
  return Object.fromEntries(
    shapes(list).map((tag) => [
      text(tag.Key ?? tag.key ?? tag.TagKey),
      text(tag.Value ?? tag.value ?? tag.TagValue),
    ]),
  );
}

/** Reads the tags of what was found; `undefined` where its type has none. */
export async function readTags(at: At, row: Row, found: Known): Promise<Tags | undefined> {
  if (row.tags === undefined) return undefined;
  const { read } = row.tags;
  if (read) return read.tags(await at.call(row.service, read.command, read.input(found)));
  return allTags({ tags_all: found.tags ?? null });
}

/**
 * Gives `tags` and `tags_all` of tags that were found: those of the provider block count as the resource's own
 * only where the resource has them in its state. AWS's own tags are nobody's.
 */
export function splitTags(state: Known, found: Tags, { defaultTags }: ProviderSettings): ObjectValue {
  const all = Object.fromEntries(Object.entries(found).filter(([key]) => !key.startsWith('aws:')));
  const written = isObject(state.tags) ? state.tags : {};
  const own = Object.entries(all).filter(([key, value]) => key in written || defaultTags[key] !== value);
  const tags: Value = own.length > 0 ? Object.fromEntries(own) : isObject(state.tags) ? {} : null;
  return { tags, tags_all: all };
}

/** Adds, changes and removes tags so that they are as wanted. */
export async function changeTags(at: At, row: Row, prior: Known, wanted: Known): Promise<void> {
  if (row.tags === undefined) return;
  const [before, after] = [allTags(prior), allTags(wanted)];
  const added = Object.entries(after).filter(([key, value]) => before[key] !== value);
  const removed = Object.keys(before).filter((key) => !(key in after));
  const { set, unset } = row.tags;
  if (removed.length > 0) await at.call(row.service, unset.command, unset.input(wanted, removed));
  if (added.length > 0) await at.call(row.service, set.command, set.input(wanted, Object.fromEntries(added)));
}

/** Tags by ARN in the spelling of one service: names of the member for the ARN, the tags and the keys. */
export function tagsByArn(
  names: { arn: string; tags: string; keys: string; style: 'pascal' | 'camel' },
  commands: { read: string; set: string; unset: string } = {
    read: 'ListTagsForResource',
    set: 'TagResource',
    unset: 'UntagResource',
  },
  arnOf: (value: Known) => Value | undefined = ({ arn }) => arn,
): TagStyle {
  return {
    read: {
      command: commands.read,
      input: (value) => ({ [names.arn]: arnOf(value) }),
      tags: (answer) => tagsOf(answer[names.tags] ?? answer.TagList ?? answer.Tags),
    },
    set: {
      command: commands.set,
      input: (value, tags) => ({ [names.arn]: arnOf(value), [names.tags]: tagList(tags, names.style) }),
    },
    unset: {
      command: commands.unset,
      input: (value, keys) => ({ [names.arn]: arnOf(value), [names.keys]: keys }),
    },
  };
}
