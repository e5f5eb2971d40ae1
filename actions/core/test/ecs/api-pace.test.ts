import { DescribeServicesCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { ecsClient } from '../../src/aws-clients.ts';
import { openApiPace } from '../../src/ecs/api-pace.ts';
import { isAwsFailure } from '../../src/errors.ts';
import { refuse, scriptedAws } from '../doubles/scripted-aws.ts';
import { virtualClock } from '../doubles/virtual-clock.ts';

const random = () => 0.5;

describe('the turns of calls', () => {
  test('come at once as long as the burst lasts, then one by one, in order', async () => {
    const clock = virtualClock(0);
    const pace = openApiPace({ clock, random });
    const order: number[] = [];
    const turns = Array.from({ length: 23 }, async (_, i) => {
      await pace.turn('RegisterTaskDefinition');
      order.push(i);
    });
    await Promise.all(turns);
    expect(order).toEqual(turns.map((_, i) => i));
    expect(clock.sleeps).toEqual([1_000, 1_000, 1_000]);
  });

  test('are given again by the time that passes', async () => {
    const clock = virtualClock(0);
    const pace = openApiPace({ clock, random });
    for (let i = 0; i < 20; i++) await pace.turn('RegisterTaskDefinition');
    clock.advance(5_000);
    for (let i = 0; i < 5; i++) await pace.turn('RegisterTaskDefinition');
    expect(clock.sleeps).toEqual([]);
    await pace.turn('RegisterTaskDefinition');
    expect(clock.sleeps).toEqual([1_000]);
  });

  test('wait for nobody else: each allowance has a queue of its own, other calls have none', async () => {
    const clock = virtualClock(0);
    const pace = openApiPace({ clock, random });
    for (let i = 0; i < 20; i++) await pace.turn('RegisterTaskDefinition');
    for (let i = 0; i < 50; i++) await pace.turn('UpdateService');
    for (let i = 0; i < 500; i++) await pace.turn('DescribeClusters');
    expect(clock.sleeps).toEqual([]);
  });
});

describe('a call that AWS throttles', () => {
  const throttle = (times: number) =>
    scriptedAws((_call, before) => (before < times ? refuse('ThrottlingException', 'Rate exceeded') : {}));

  test('is made again after waits that grow, by the given clock', async () => {
    const clock = virtualClock(0);
    const aws = throttle(3);
    await ecsClient(aws.access, { clock, random }).send(
      new RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions: [] }),
    );
    expect(aws.calls).toHaveLength(4);
    // Before each try a jittered wait, then the turn: the allowance counts as spent.
    expect(clock.sleeps).toEqual([200, 1_800, 400, 3_600, 800, 7_200]);
  });

  test('is given back to the asker after eight tries', async () => {
    const aws = throttle(100);
    const ecs = ecsClient(aws.access, { clock: virtualClock(0), random });
    const error: unknown = await ecs.send(new DescribeServicesCommand({ services: ['web'] })).catch((e) => e);
    expect(isAwsFailure(error, 'ThrottlingException')).toBe(true);
    expect(aws.calls).toHaveLength(8);
  });
});

test('a call without an answer is made three times, a refused one once', async () => {
  const clock = virtualClock(0);
  const broken = scriptedAws(() => refuse('ServerException', 'try later', 503));
  const refused = scriptedAws(() => refuse('AccessDeniedException', 'no'));
  for (const { access } of [broken, refused])
    await ecsClient(access, { clock, random })
      .send(new DescribeServicesCommand({ services: ['web'] }))
      .catch(() => undefined);
  expect([broken.calls.length, refused.calls.length]).toEqual([3, 1]);
  expect(clock.sleeps).toEqual([200, 400]);
});
