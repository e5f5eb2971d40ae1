import { describe, expect, it } from '@jest/globals';
import { splitTags, tagList, tagsOf } from '../local-backend/tags.ts';

const settings = { region: 'us-east-1', accountId: '1', defaultTags: { project: 'shop' } };

describe('tags that were found', () => {
  it('count as the resource’s own but for those of the provider block and of AWS', () => {
    const found = { project: 'shop', Name: 'v', 'aws:ecs:clusterName': 'c' };
    expect(splitTags({ tags: { Name: 'v' } }, found, settings)).toEqual({
      tags: { Name: 'v' },
      tags_all: { Name: 'v', project: 'shop' },
    });
  });

  it('are the resource’s own where it writes one that the provider block has as well', () => {
    const found = { project: 'shop' };
    expect(splitTags({ tags: { project: 'shop' } }, found, settings).tags).toEqual({ project: 'shop' });
    expect(splitTags({ tags: null }, found, settings).tags).toBeNull();
  });

  it('show what somebody changed', () => {
    expect(splitTags({ tags: null }, { project: 'other' }, settings).tags).toEqual({ project: 'other' });
    expect(splitTags({ tags: { Name: 'v' } }, {}, settings).tags).toEqual({});
  });
});

describe('a list of tags', () => {
  it('is written and read in the spellings of the services', () => {
    expect(tagList({ a: 'b' })).toEqual([{ Key: 'a', Value: 'b' }]);
    expect(tagList({ a: 'b' }, 'camel')).toEqual([{ key: 'a', value: 'b' }]);
    expect(tagList({})).toBeUndefined();
    for (const list of [
      [{ Key: 'a', Value: 'b' }],
      [{ key: 'a', value: 'b' }],
      [{ TagKey: 'a', TagValue: 'b' }],
    ])
      expect(tagsOf(list)).toEqual({ a: 'b' });
  });
});
