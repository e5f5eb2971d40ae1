import { describe, expect, test } from '@jest/globals';
import { deploymentArn, revisionArn, taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { driveAction, inVirtualTime } from '../../core/test/doubles/action-drive.ts';
import { answerAws } from '../../core/test/doubles/aws-answers.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { rollback } from '../src/run.ts';

const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'nobody', AWS_REGION: 'us-east-1' };
const CREATED = 1_790_000_000;
const brief = (id: string, n: number, at: number, status = 'SUCCESSFUL') => ({
  serviceDeploymentArn: deploymentArn(id),
  status,
  createdAt: CREATED + at,
  targetServiceRevisionArn: revisionArn(n),
});
const service = (id: string, n: number) => ({
  serviceName: 'email-api',
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop',
  status: 'ACTIVE',
  desiredCount: 2,
  taskDefinition: taskDefinitionArn(n),
  deployments: [{ id, status: 'PRIMARY' }],
});

reachNockOnly();

/** An ECS on revision 3, whose revision 2 is known-bad and whose revision 1 once succeeded. */
function answerEcs() {
  let updated = false;
  return answerAws('https://ecs.us-east-1.amazonaws.com', {
    DescribeServices: () => ({ services: [updated ? service('ecs-svc/4', 1) : service('ecs-svc/3', 3)] }),
    ListServiceDeployments: () => ({
      serviceDeployments: [
        ...(updated ? [brief('back', 1, 9)] : []),
        brief('c', 3, 3),
        brief('b', 2, 2),
        brief('a', 1, 1),
      ],
    }),
    DescribeServiceRevisions: ({ serviceRevisionArns }) => ({
      serviceRevisions: (serviceRevisionArns as string[]).map((serviceRevisionArn) => ({
        serviceRevisionArn,
        taskDefinition: taskDefinitionArn(Number(serviceRevisionArn.split('/').at(-1))),
      })),
    }),
    DescribeTaskDefinition: ({ taskDefinition }) => ({
      taskDefinition: { taskDefinitionArn: taskDefinition, status: 'ACTIVE' },
      tags: taskDefinition === taskDefinitionArn(2) ? [{ key: 'known-bad', value: 'smoke' }] : [],
    }),
    UpdateService: () => {
      updated = true;
      return { service: service('ecs-svc/4', 1) };
    },
    DescribeServiceDeployments: () => ({
      serviceDeployments: [
        { serviceDeploymentArn: deploymentArn('back'), status: 'SUCCESSFUL', createdAt: CREATED + 9 },
      ],
    }),
  });
}
const drive = (inputs: Record<string, string>) =>
  driveAction(inVirtualTime(rollback), {
    inputs: { cluster: 'shop', service: 'email-api', ...inputs },
    env: ENV,
  });

describe('rollback over HTTP', () => {
  test('goes back past a known-bad revision with one UpdateService that sends only the task definition', async () => {
    const calls = answerEcs();
    const driven = await drive({});
    expect([driven.failed, driven.outputs.verdict]).toEqual([false, 'succeeded']);
    expect(JSON.parse(driven.outputs.plan ?? '')).toMatchObject([
      {
        kind: 'candidate',
        taskDefinitionArn: taskDefinitionArn(1),
        skipped: [{ revision: 'email-api:2', why: 'is marked known-bad (smoke)' }],
      },
    ]);
    expect(JSON.parse(driven.outputs.deployments ?? '')).toMatchObject([
      { taskDefinitionArn: taskDefinitionArn(1) },
    ]);
    const writes = calls.filter(({ operation }) => /^(Update|Register|Stop|Deregister|Tag)/.test(operation));
    expect(writes).toEqual([
      {
        operation: 'UpdateService',
        input: {
          cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop',
          service: 'email-api',
          taskDefinition: taskDefinitionArn(1),
        },
      },
    ]);
    expect(driven.summary).toContain('## Rollback');
  });

  test('prints the plan of a dry run, with no verdict and no write', async () => {
    const calls = answerEcs();
    const driven = await drive({ 'dry-run': 'true' });
    expect([driven.failed, driven.outputs.verdict]).toEqual([false, '']);
    expect(driven.stdout).toContain('email-api: from email-api:3 to email-api:1');
    expect(calls.some(({ operation }) => operation === 'UpdateService')).toBe(false);
  });

  test('fails in one line when a named revision is known to be bad', async () => {
    answerEcs();
    const driven = await drive({ to: taskDefinitionArn(2) });
    expect(driven.failed).toBe(true);
    expect(driven.stdout).toContain('email-api:2 is marked known-bad (smoke)');
  });
});
