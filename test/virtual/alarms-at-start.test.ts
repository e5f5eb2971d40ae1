import { afterAll, describe, expect, test } from '@jest/globals';
import { type GroundedStage, openGround } from './ground.ts';
import { closeStages, handOver } from './stage.ts';

afterAll(closeStages);

async function openWatched(state: string): Promise<GroundedStage> {
  const stage = await openGround(['5xx', 'slow']);
  await stage.ship('1');
  stage.ground.alarms.set('5xx', state);
  return stage;
}

const told = (stage: GroundedStage): string[] =>
  stage.deps.log.lines.filter((line) => line.includes('alarm'));

describe('an alarm of the deployments', () => {
  test('in ALARM already is said, and the deployment goes on as ECS takes it', async () => {
    const stage = await openWatched('ALARM');
    const deployed = await stage.deploy('web', '2');
    expect(told(stage).join('\n')).toMatch(
      /web: alarm 5xx is in ALARM before the deployment begins.*guards nothing/,
    );
    expect(stage.deps.summaries.join('\n')).toContain('Mind: web: alarm 5xx is in ALARM');
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
  });

  test('in ALARM already refuses a deployment where that was asked for, before anything is written', async () => {
    const stage = await openWatched('ALARM');
    const before = stage.writes().length;
    await expect(stage.deploy('web', '2', { 'on-alarm': 'refuse' })).rejects.toMatchObject({
      code: 'DEPLOYMENT_ALARM',
      message: expect.stringMatching(/web: alarm 5xx[\s\S]*Nothing was written.*"on-alarm: ignore"/),
    });
    expect(stage.writes()).toHaveLength(before);
  });

  test.each([
    [undefined, 'missing'],
    ['notBreaching', 'notBreaching'],
  ])('without data is said before and after, with its treatment of missing data %s', async (given, shown) => {
    const stage = await openWatched('INSUFFICIENT_DATA');
    stage.ground.missingData = given;
    // No data is no ALARM: nothing to refuse for.
    const deployed = await stage.deploy('web', '2', { 'on-alarm': 'refuse' });
    const treatment = `5xx (INSUFFICIENT_DATA, missing data counts as ${shown}): 5xx of the ground`;
    expect(told(stage)).toEqual([expect.stringContaining(treatment)]);
    await stage.wait(handOver(deployed));
    expect(told(stage).at(-1)).toContain(`an alarm proves nothing of this success: ${treatment}`);
  });

  test('without data when a failure is explained is shown so', async () => {
    const stage = await openWatched('OK');
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ ...handOver(deployed), 'wait-until': 'serving' });
    stage.alarms.set('5xx', 'ALARM');
    stage.ground.alarms.set('5xx', 'INSUFFICIENT_DATA');
    await stage.wait(handOver(deployed));
    expect(stage.deps.log.lines.join('\n')).toMatch(
      /alarm: +5xx \(INSUFFICIENT_DATA, missing data counts as missing\)/,
    );
  });

  test('without data is minded by a rollback', async () => {
    const stage = await openWatched('OK');
    await stage.ship('2');
    stage.ground.alarms.set('5xx', 'INSUFFICIENT_DATA');
    await stage.rollback({ cluster: 'shop', service: 'web', 'dry-run': 'true' });
    expect(told(stage).join('\n')).toContain('mind: an alarm has too few data to judge by: 5xx');
  });

  test('that is not in CloudWatch is said', async () => {
    const stage = await openWatched('OK');
    stage.ground.alarms.delete('slow');
    await stage.deploy('web', '2');
    expect(told(stage)).toEqual([expect.stringContaining('alarm slow is not in CloudWatch')]);
  });

  test('that may not be looked at is passed over', async () => {
    const stage = await openWatched('ALARM');
    stage.ground.denied.add('DescribeAlarms');
    await stage.deploy('web', '2', { 'on-alarm': 'refuse' });
    expect(told(stage)).toEqual([
      expect.stringContaining('The alarms of the deployments were not looked at'),
    ]);
    expect(await stage.running('web')).not.toBe('web:2');
  });
});

test('a service without alarms costs no call to CloudWatch, nor does one that is left as it is', async () => {
  const plain = await openGround();
  await plain.ship('1');
  const deployed = await plain.deploy('web', '2');
  await plain.wait(handOver(deployed));
  expect(plain.ground.calls).not.toContain('DescribeAlarms');
  const watched = await openWatched('ALARM');
  await watched.deploy('web', '2');
  await watched.clock.sleep(600_000);
  const before = watched.ground.calls.length;
  await watched.deploy('web', '2');
  expect(watched.ground.calls.slice(before)).not.toContain('DescribeAlarms');
});
