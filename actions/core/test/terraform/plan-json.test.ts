import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countChanges, planEssence, realChanges } from '../../src/decide/plan-summary.ts';
import { readPlan, resourcesAfter, resourcesBefore } from '../../src/terraform/plan-json.ts';
import { type ChangeDocument, planDocument } from '../doubles/plan-documents.ts';

const essence = (...changes: ChangeDocument[]): string => planEssence(readPlan(planDocument(changes)));
const queue: ChangeDocument = {
  address: 'aws_sqs_queue.mails',
  actions: ['update'],
  before: { name: 'mails', seconds: 30 },
  after: { name: 'mails', seconds: 60 },
};

describe('a plan', () => {
  test('is what terraform show prints, and nothing else', () => {
    for (const text of ['', 'null', '[]', '{}', '{"format_version":"1.0"}', 'Error: no plan'])
      expect(() => readPlan(text)).toThrow('expected what `terraform show -json PLANFILE` prints');
    expect(readPlan(planDocument([]))).toEqual({ changes: [], drifted: [], outputs: [] });
  });

  test.each([
    [['create'], { add: 1, change: 0, destroy: 0 }],
    [['update'], { add: 0, change: 1, destroy: 0 }],
    [['delete'], { add: 0, change: 0, destroy: 1 }],
    [['delete', 'create'], { add: 1, change: 0, destroy: 1 }],
    [['create', 'delete'], { add: 1, change: 0, destroy: 1 }],
    [['forget'], { add: 0, change: 0, destroy: 0 }],
    [['no-op'], { add: 0, change: 0, destroy: 0 }],
    [['read'], { add: 0, change: 0, destroy: 0 }],
  ])('counts %j as Terraform does', (actions, counts) => {
    const { changes } = readPlan(planDocument([{ ...queue, actions }]));
    expect(countChanges(changes)).toEqual(counts);
    expect(realChanges(changes)).toHaveLength(['no-op', 'read'].includes(actions[0] ?? '') ? 0 : 1);
  });

  test('tells what is there before and after', () => {
    const plan = readPlan(
      planDocument([
        queue,
        { address: 'module.a.aws_kms_key.this["x"]', actions: ['create'], after: { n: 1 } },
      ]),
    );
    expect(resourcesBefore(plan).map(({ address }) => address)).toEqual(['aws_sqs_queue.mails']);
    expect(resourcesAfter(plan).map(({ type, values }) => [type, values])).toEqual([
      ['aws_sqs_queue', { name: 'mails', seconds: 60 }],
      ['aws_kms_key', { n: 1 }],
    ]);
  });
});

describe('what a plan does', () => {
  test('is the same in whatever order it is told', () => {
    const other = { ...queue, address: 'aws_sqs_queue.dead' };
    const turned = { ...queue, after: { seconds: 60, name: 'mails' } };
    expect(essence(queue, other)).toBe(essence(other, turned));
  });

  test('differs by every value that changes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        const of = (seconds: number): string => essence({ ...queue, after: { seconds } });
        expect(of(a) === of(b)).toBe(a === b);
      }),
    );
  });

  test('holds nothing of what must not be shown', () => {
    const secret = {
      ...queue,
      after: { seconds: 1, inner: [{ token: 'hush' }] },
      sensitive: { inner: [{ token: true }] },
    };
    expect(essence(secret)).not.toContain('hush');
    expect(essence(secret)).toContain('"token":"(sensitive)"');
  });
});
