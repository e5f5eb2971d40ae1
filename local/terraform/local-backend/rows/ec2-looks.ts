import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Look, TagStyle } from '../row.ts';
import { first, type Shape } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

/** Tags of everything in EC2 hang on its id; the first look answers them under `tags`. */
export const ec2Tags: TagStyle = {
  set: { command: 'CreateTags', input: ({ id }, tags) => ({ Resources: [id], Tags: tagList(tags) }) },
  unset: {
    command: 'DeleteTags',
    input: ({ id }, keys) => ({ Resources: [id], Tags: keys.map((Key) => ({ Key })) }),
  },
};

/** Tags given with the call that makes a thing. */
export function tagged(ResourceType: string, value: Known): Shape[] | undefined {
  const Tags = tagList(allTags(value));
  return Tags === undefined ? undefined : [{ ResourceType, Tags }];
}

/** The look at one thing by its id. */
export function described(
  command: string,
  ids: string,
  list: string,
  state: (found: Shape, at: At, value: Known) => ObjectValue | null,
): Look {
  return {
    command,
    input: ({ id }) => ({ [ids]: [id] }),
    state: (answer, value, at) => {
      const found = first(answer[list]);
      const known = found && state(found, at, value);
      return known ? { ...known, tags: tagsOf(found.Tags) } : null;
    },
  };
}
