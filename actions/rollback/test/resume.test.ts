import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { inputs } from '../src/inputs.ts';
import type { PlannedRollback } from '../src/plan.ts';
import { renderResume } from '../src/resume.ts';

const read = (given: Record<string, string>) => readInputs(inputs, (name) => given[name] ?? '');
const left = (...names: string[]): PlannedRollback[] =>
  names.map(
    (service) =>
      ({
        wanted: { service, serviceName: `prod-${service}`, cluster: 'shop', wave: 0 },
        before: { clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop' },
      }) as PlannedRollback,
  );

describe('the command that goes on with a rollback', () => {
  test('is not there when nothing is left', () => {
    expect(renderResume([], read({}))).toBe('');
  });

  test('names the services left of an environment, and everything else that was given', () => {
    const given = read({
      environment: 'prod',
      manifest: 'deploy/berth.yaml',
      to: 'before:2026-11-21T09:00:00Z',
      scope: 'service',
      'mark-known-bad': "totals don't add up",
      'accept-schema-risk': 'true',
    });
    expect(renderResume(left('api', 'db'), given)).toBe(
      [
        '',
        'Still to roll back: api,db. Go on with:',
        "  npx --no-install berth rollback --environment prod --services api,db --to before:2026-11-21T09:00:00.000Z --manifest deploy/berth.yaml --scope service --mark-known-bad 'totals don'\\''t add up' --accept-schema-risk",
      ].join('\n'),
    );
  });

  test('is one for each service where no manifest names them', () => {
    const lines = renderResume(left('api', 'db'), read({ to: 'sha:abcdef0' })).split('\n');
    expect(lines.slice(2)).toEqual(
      ['api', 'db'].map(
        (name) =>
          `  npx --no-install berth rollback --cluster arn:aws:ecs:us-east-1:123456789012:cluster/shop --service prod-${name} --to sha:abcdef0`,
      ),
    );
  });
});
