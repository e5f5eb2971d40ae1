import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LifecycleImage, markByLifecycle, parseLifecyclePolicy } from '../lifecycle.ts';

const DAY_MS = 86_400_000;
const now = 1_800_000_000_000;
const image = (digest: string, daysAgo: number, ...tags: string[]): LifecycleImage => ({
  digest,
  tags,
  pushedAt: now - daysAgo * DAY_MS - 1,
});

const rule = (rulePriority: number, selection: object, type = 'expire') => ({
  rulePriority,
  selection,
  action: { type },
});
const newest = (countNumber: number, more: object = { tagStatus: 'any' }) => ({
  countType: 'imageCountMoreThan',
  countNumber,
  ...more,
});
const since = (countNumber: number, more: object, countType = 'sinceImagePushed') => ({
  countType,
  countUnit: 'days',
  countNumber,
  ...more,
});

const marked = (rules: object[], images: LifecycleImage[], held: string[] = []) =>
  markByLifecycle(parseLifecyclePolicy(JSON.stringify({ rules })), images, { now, held: new Set(held) }).map(
    ({ digest, rule: by }) => `${digest} by ${by.priority}`,
  );

describe('a lifecycle policy marks', () => {
  const images = [
    image('a', 1, 'v3', 'prod-3'),
    image('b', 10, 'v2'),
    image('c', 20),
    image('d', 30, 'v1', 'prod-1'),
    image('e', 40),
  ];

  test.each<[string, object[], string[], string[]]>([
    ['what is beyond the newest', [rule(1, newest(3))], [], ['d by 1', 'e by 1']],
    [
      'untagged images after a time',
      [rule(1, since(15, { tagStatus: 'untagged' }))],
      [],
      ['c by 1', 'e by 1'],
    ],
    [
      'tags by prefix',
      [rule(1, newest(1, { tagStatus: 'tagged', tagPrefixList: ['prod'] }))],
      [],
      ['d by 1'],
    ],
    [
      'tags by pattern',
      [rule(1, newest(1, { tagStatus: 'tagged', tagPatternList: ['v*'] }))],
      [],
      ['b by 1', 'd by 1'],
    ],
    [
      'only images with a tag for each pattern',
      [rule(1, since(5, { tagStatus: 'tagged', tagPatternList: ['v*', 'prod-*'] }))],
      [],
      ['d by 1'],
    ],
    ['not what an index lists', [rule(1, newest(3))], ['e'], ['d by 1']],
    [
      'each image by the rule of the lowest number, which all others count',
      [rule(2, newest(2)), rule(1, since(15, { tagStatus: 'untagged' }))],
      [],
      ['c by 1', 'e by 1', 'd by 2'],
    ],
    [
      'what nobody has pulled',
      [rule(1, since(25, { tagStatus: 'any' }, 'sinceImagePulled'), 'transition')],
      [],
      ['d by 1', 'e by 1'],
    ],
  ])('%s', (_title, rules, held, expected) => {
    expect(marked(rules, images, held)).toEqual(expected);
  });

  test('what was pulled lately no more', () => {
    const pulled = images.map((each) => ({ ...each, pulledAt: now }));
    expect(marked([rule(1, since(25, { tagStatus: 'any' }, 'sinceImagePulled'))], pulled)).toEqual([]);
  });

  test('never more than all but the newest that are to be kept', () => {
    const ages = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(ages, fc.integer({ min: 1, max: 20 }), (days, kept) => {
        const all = days.map((age) => image(`d${age}`, age));
        expect(marked([rule(1, newest(kept))], all)).toHaveLength(Math.max(0, days.length - kept));
      }),
    );
  });
});

describe('a lifecycle policy is refused', () => {
  test.each<[string, string, RegExp]>([
    ['no JSON', '{', /it is not JSON/],
    ['no rules', '{}', /'rules' is not a list/],
    [
      'a number given twice',
      JSON.stringify({ rules: [rule(1, newest(1)), rule(1, newest(2))] }),
      /given twice|highest/,
    ],
    [
      "'any' before others",
      JSON.stringify({ rules: [rule(1, newest(1)), rule(2, newest(1, { tagStatus: 'untagged' }))] }),
      /must have the highest rulePriority/,
    ],
    [
      'tags without patterns',
      JSON.stringify({ rules: [rule(1, newest(1, { tagStatus: 'tagged' }))] }),
      /go with tagStatus 'tagged'/,
    ],
    [
      'days without a unit',
      JSON.stringify({ rules: [rule(1, { ...newest(1), countType: 'sinceImagePushed' })] }),
      /countUnit must be 'days'/,
    ],
    ['a count of nothing', JSON.stringify({ rules: [rule(1, newest(0))] }), /countNumber/],
    ['an unknown action', JSON.stringify({ rules: [rule(1, newest(1), 'keep')] }), /action type 'keep'/],
  ])('with %s', (_title, text, message) => {
    expect(() => parseLifecyclePolicy(text)).toThrow(message);
  });
});
