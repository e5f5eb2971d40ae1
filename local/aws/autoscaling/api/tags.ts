import { AwsFault } from '../../fault.ts';
import type { ScalingScope, TargetRecord } from '../engine/state.ts';
import { assertValid, mustHaveLength } from './constraints.ts';
import { type AutoScalingApi, type AutoScalingHandlers, enter } from './entry.ts';

type TagOperations = 'TagResource' | 'UntagResource' | 'ListTagsForResource';

const MOST_TAGS = 50;

/** TagResource, UntagResource, ListTagsForResource: of scalable targets, the only thing that has tags. */
export function tagHandlers(api: AutoScalingApi): Pick<AutoScalingHandlers, TagOperations> {
  return {
    TagResource({ ResourceARN, Tags }, context) {
      const target = requireTagged(enter(api, context), ResourceARN);
      const tags = { ...target.tags, ...Tags };
      assertTags(tags, target.arn);
      target.tags = tags;
      return {};
    },

    UntagResource({ ResourceARN, TagKeys = [] }, context) {
      const target = requireTagged(enter(api, context), ResourceARN);
      const gone = new Set(TagKeys);
      target.tags = Object.fromEntries(Object.entries(target.tags).filter(([key]) => !gone.has(key)));
      return {};
    },

    ListTagsForResource: ({ ResourceARN }, context) => ({
      Tags: requireTagged(enter(api, context), ResourceARN).tags,
    }),
  };
}

/** Throws for more than 50 tags, and for keys and values that are too long. */
export function assertTags(tags: Readonly<Record<string, string>>, arn = ''): void {
  assertValid(
    Object.entries(tags).flatMap(([key, value]) => [
      mustHaveLength('Tags', key, { most: 128 }),
      mustHaveLength('Tags', value, { least: 0, most: 256 }),
    ]),
  );
  if (Object.keys(tags).length <= MOST_TAGS) return;
  throw new AwsFault('TooManyTagsException', `A resource has at most ${MOST_TAGS} tags.`, 400, {
    ResourceName: arn,
  });
}

function requireTagged(scope: ScalingScope, arn = ''): TargetRecord {
  const target = Object.values(scope.targets).find((candidate) => candidate.arn === arn);
  if (target) return target;
  throw new AwsFault('ResourceNotFoundException', `Resource not found: ${arn}`, 400, { ResourceName: arn });
}
