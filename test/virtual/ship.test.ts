import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { ship } from '../../cli/src/ship.ts';
import type { DeployStage } from './deploy-stage.ts';
import { closeAnswering, openAskedPair, updatesOf } from './smoke-stage.ts';
import { closeStages } from './stage.ts';

afterAll(closeStages);
afterEach(closeAnswering);

function shipAll(stage: DeployStage, inputs: Record<string, string> = {}) {
  const files = JSON.stringify({ web: 'web.json', api: 'api.json' });
  return stage.step(ship, { environment: 'prod', 'task-definitions': files, ...inputs });
}

describe('shipping in one process', () => {
  test('proves each wave before it begins the next', async () => {
    const stage = await openAskedPair(200, 200);
    const shipped = await shipAll(stage);
    expect(shipped.failure).toBeUndefined();
    expect(shipped.verdicts).toMatchObject([
      { service: 'api', verdict: 'succeeded' },
      { service: 'web', verdict: 'succeeded' },
    ]);
    expect(shipped.outputs.smoke).toHaveLength(2);
    expect(updatesOf(stage)).toEqual(['api api:2', 'web web:2']);
  });

  test('deploys nothing on a service that answers wrongly, and carries it back', async () => {
    const stage = await openAskedPair(500, 200);
    const shipped = await shipAll(stage);
    expect(shipped.failure).toMatch(/Not deployed, because they come after it: web\./);
    expect(shipped.failure).toContain('All services of this run were carried back.');
    expect(updatesOf(stage)).toEqual(['api api:2', 'api api:1']);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('carries all back, in reverse order, when the last one answers wrongly', async () => {
    const stage = await openAskedPair(200, 500);
    const shipped = await shipAll(stage);
    expect(updatesOf(stage)).toEqual(['api api:2', 'web web:2', 'web web:1', 'api api:1']);
    expect(shipped.outputs.rollback).toMatchObject([
      { service: 'web', green: true },
      { service: 'api', green: true },
    ]);
  });

  test('leaves everything where it is told to', async () => {
    const stage = await openAskedPair(200, 500);
    const shipped = await shipAll(stage, { 'on-red': 'leave' });
    expect(shipped.failure).toBeDefined();
    expect(updatesOf(stage)).toEqual(['api api:2', 'web web:2']);
  });

  test.each([
    ['api', 'version: 1', /api\.yaml has 1 fault/],
    ['web', 'version: 1', /web\.yaml has 1 fault/],
    [
      'web',
      'version: 1\nchecks: [{ name: home, get: "${{ bse }}/" }]',
      /web\.yaml:2:\d+ {2}\$\{\{ bse \}\} has no value/,
    ],
  ])('asks AWS nothing when the smoke file of %s is wrong: %s', async (name, text, message) => {
    const stage = await openAskedPair(200, 200);
    writeFileSync(join(stage.workspace, `${name}.yaml`), text);
    await expect(shipAll(stage)).rejects.toThrow(message);
    expect(stage.sent('DescribeServices')).toEqual([]);
  });

  test('resumes autoscaling before it returns, red or green', async () => {
    for (const status of [200, 500]) {
      const stage = await openAskedPair(status, 200);
      await stage.scale('api');
      await shipAll(stage, { 'hold-autoscaling': 'all' });
      expect(stage.sent('TagResource').some(({ ResourceARN }) => ResourceARN !== undefined)).toBe(true);
      expect((await stage.scaling('api')).suspended).toEqual([]);
    }
  });

  test('plans all and writes nothing in a dry run', async () => {
    const stage = await openAskedPair(200, 200);
    const shipped = await shipAll(stage, { 'dry-run': 'true' });
    expect(shipped.outputs.plan).toHaveLength(2);
    expect(updatesOf(stage)).toEqual([]);
  });
});
