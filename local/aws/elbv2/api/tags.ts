import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { tryParseElbArn } from '../arn.ts';
import type { RegionRecord } from '../records.ts';
import { findListener, findLoadBalancer, findRule, findTargetGroup } from '../state.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { present, validationError } from './validation.ts';

const MOST_TAGS = 50;

/** AddTags, RemoveTags and DescribeTags for all four kinds of resources. */
export function tagOperations(room: Room): Pick<Elbv2Handlers, 'AddTags' | 'RemoveTags' | 'DescribeTags'> {
  return {
    AddTags({ ResourceArns = [], Tags = [] }, context) {
      const region = room.state.region(context);
      for (const arn of ResourceArns) assertExists(region, arn);
      for (const arn of ResourceArns) setTags(region, arn, Tags);
      return {};
    },
    RemoveTags({ ResourceArns = [], TagKeys = [] }, context) {
      const region = room.state.region(context);
      for (const arn of ResourceArns) assertExists(region, arn);
      for (const arn of ResourceArns) {
        const left = (region.tags.get(arn) ?? []).filter(({ Key }) => !TagKeys.includes(Key ?? ''));
        region.tags.set(arn, left);
      }
      return {};
    },
    DescribeTags({ ResourceArns = [] }, context) {
      const region = room.state.region(context);
      for (const arn of ResourceArns) assertExists(region, arn);
      return {
        TagDescriptions: ResourceArns.map((arn) => ({ ResourceArn: arn, Tags: region.tags.get(arn) ?? [] })),
      };
    },
  };
}

/** Adds tags to a resource or changes them; throws before anything is changed. */
export function setTags(region: RegionRecord, arn: string, tags: readonly Tag[]): void {
  const merged = new Map((region.tags.get(arn) ?? []).map((tag) => [tag.Key ?? '', tag]));
  const given = new Set<string>();
  for (const { Key, Value } of tags) {
    const key = present(Key, 'tags.1.member.key');
    if (given.has(key)) {
      throw new AwsFault('DuplicateTagKeys', `Tag key was specified more than once: ${key}`);
    }
    given.add(key);
    if (key.toLowerCase().startsWith('aws:')) {
      throw validationError(`Tag key '${key}' must not begin with 'aws:', which is reserved`);
    }
    merged.set(key, { Key: key, Value });
  }
  if (merged.size > MOST_TAGS) {
    throw new AwsFault('TooManyTags', `The maximum number of tags on a resource is '${MOST_TAGS}'`);
  }
  region.tags.set(arn, [...merged.values()]);
}

/** Key and value pairs of an attributes list, as the Modify operations take them. */
export function readAttributes(pairs: readonly { Key?: string; Value?: string }[]): Map<string, string> {
  return new Map(
    pairs.map(({ Key, Value }, index) => [present(Key, `attributes.${index + 1}.member.key`), Value ?? '']),
  );
}

function assertExists(region: RegionRecord, arn: string): void {
  switch (tryParseElbArn(arn)?.kind) {
    case 'loadbalancer':
      return void findLoadBalancer(region, arn);
    case 'targetgroup':
      return void findTargetGroup(region, arn);
    case 'listener':
      return void findListener(region, arn);
    case 'listener-rule':
      return void findRule(region, arn);
    default:
      throw validationError(`'${arn}' is not a valid ARN of a load balancer, target group, listener or rule`);
  }
}
