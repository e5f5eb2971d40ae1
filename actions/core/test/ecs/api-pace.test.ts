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

  test('is made again after a wait that grows, by the given clock', async () => {
    const clock = virtualClock(0);
    const aws = throttle(4);
    await ecsClient(aws.access, { clock, random }).send(
      new RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions: [] }),
    );
    expect(aws.calls).toHaveLength(5);
    expect(clock.sleeps).toEqual([2_000, 4_000, 8_000, 10_000]);
  });

  test('is given back to the asker after three tries when it is a read', async () => {
    const clock = virtualClock(0);
    const aws = throttle(100);
    const ecs = ecsClient(aws.access, { clock, random });
    ecs.config.maxAttempts = async () => 1;
    const error: unknown = await ecs.send(new DescribeServicesCommand({ services: ['web'] })).catch((e) => e);
    expect(isAwsFailure(error, 'ThrottlingException')).toBe(true);
    expect(aws.calls.length % 3).toBe(0);
  });
});
