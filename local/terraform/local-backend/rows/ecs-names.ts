import type { Known } from '../row.ts';
import type { Naming } from '../sdk-names.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

export const camel: Naming = {
  style: 'camel',
  names: { size_in_gib: 'sizeInGiB', enable_ecs_managed_tags: 'enableECSManagedTags' },
};

export const tags = tagsByArn({ arn: 'resourceArn', tags: 'tags', keys: 'tagKeys', style: 'camel' });

export const camelTags = (value: Known) => tagList(allTags(value), 'camel');
