import { describe, expect, test } from '@jest/globals';
import { deploymentArn, revisionArn, taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { driveAction, inVirtualTime } from '../../core/test/doubles/action-drive.ts';
import { answerAws } from '../../core/test/doubles/aws-answers.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { waitForStable } from '../src/run.ts';

const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'nobody', AWS_REGION: 'eu-west-1' };
const ECS = 'https://ecs.us-east-1.amazonaws.com';
const LOGS = 'https://logs.us-east-1.amazonaws.com';
const CREATED = 1_790_000_000;
const deployments = JSON.stringify([
  {
    service: 'api',
    cluster: 'shop',
    serviceName: 'email-api',
    serviceDeploymentArn: deploymentArn('ours'),
    taskDefinitionArn: taskDefinitionArn(2),
    changed: true,
    commit: '4f5e6d7c8b9a0f1e',
  },
]);
const revision = {
  serviceRevisions: [
    {
      serviceRevisionArn: revisionArn(2),
      taskDefinition: taskDefinitionArn(2),
      containerImages: [{ containerName: 'app', imageDigest: `sha256:${'2'.repeat(64)}` }],
    },
  ],
};
const reading = (status: string, change: object = {}) => ({
  serviceDeployments: [
    {
      serviceDeploymentArn: deploymentArn('ours'),
      status,
      createdAt: CREATED,
      targetServiceRevision: { arn: revisionArn(2), requestedTaskCount: 2 },
      ...change,
    },
  ],
});

reachNockOnly();

const wait = (inputs: Record<string, string> = {}) =>
  driveAction(inVirtualTime(waitForStable), { inputs: { deployments, ...inputs }, env: ENV });

describe('wait-for-stable over HTTP', () => {
  test('is green for a success, in the region of the ARNs, with the chain in the summary', async () => {
    answerAws(ECS, {
      DescribeServiceDeployments: () => reading('SUCCESSFUL'),
      DescribeServiceRevisions: () => revision,
    });
    const driven = await wait();
    expect([driven.failed, driven.outputs.verdict]).toEqual([false, 'succeeded']);
    expect(JSON.parse(driven.outputs.verdicts ?? '')).toMatchObject([
      { service: 'api', verdict: 'succeeded', green: true },
    ]);
    expect(driven.summary).toMatch(
      /\| api \| ✅ succeeded \| .*4f5e6d7c8b9a \| sha256:222222222222 \| email-api:2 \| ours \|/,
    );
  });

  test('is red for a rollback, with the outputs filled and the cause as annotation and in the summary', async () => {
    const breaker = { status: 'TRIGGERED', failureCount: 3, threshold: 3 };
    const task = {
      taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/shop/0123',
      taskDefinitionArn: taskDefinitionArn(2),
      createdAt: CREATED + 1,
      stoppedAt: CREATED + 2,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [
        { name: 'app', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      ],
    };
    const options = { 'awslogs-group': '/ecs/email-api', 'awslogs-stream-prefix': 'email' };
    answerAws(ECS, {
      DescribeServiceDeployments: () => reading('ROLLBACK_SUCCESSFUL', { deploymentCircuitBreaker: breaker }),
      DescribeServiceRevisions: () => revision,
      DescribeServices: () => ({
        services: [{ serviceName: 'email-api', status: 'ACTIVE', desiredCount: 2 }],
      }),
      ListTasks: () => ({ taskArns: [task.taskArn] }),
      DescribeTasks: () => ({ tasks: [task] }),
      DescribeTaskDefinition: () => ({
        taskDefinition: {
          taskDefinitionArn: taskDefinitionArn(2),
          containerDefinitions: [{ name: 'app', logConfiguration: { logDriver: 'awslogs', options } }],
        },
      }),
    });
    const logs = answerAws(LOGS, { GetLogEvents: () => ({ events: [{ message: 'heap is full' }] }) });
    const driven = await wait({ 'log-lines': '5' });
    expect([driven.failed, driven.outputs.verdict]).toEqual([true, 'rolled-back']);
    expect(JSON.parse(driven.outputs.verdicts ?? '')).toMatchObject([
      { by: { kind: 'breaker' }, cause: expect.stringContaining('exit code 137') },
    ]);
    expect(driven.stdout).toMatch(
      /::error title=api%3A container app%3A exit code 137.*%0A {2}\| heap is full/,
    );
    expect(driven.stdout).toContain(
      '::error::api (email-api:2) rolled-back by the circuit breaker (3 of 3 failed tasks)',
    );
    expect(driven.summary).toContain('  | heap is full');
    expect(logs[0]?.input).toMatchObject({
      logGroupName: '/ecs/email-api',
      logStreamName: 'email/app/0123',
      limit: 200,
    });
  });

  test('is green for a service without a deployment, and says on the screen that nothing was verified', async () => {
    const service = { serviceName: 'email-api', status: 'ACTIVE', taskDefinition: taskDefinitionArn(2) };
    answerAws(ECS, {
      DescribeServices: () => ({ services: [service] }),
      ListServiceDeployments: () => ({ serviceDeployments: [] }),
    });
    const driven = await driveAction(inVirtualTime(waitForStable), {
      inputs: { cluster: 'shop', service: 'email-api', region: 'us-east-1' },
      env: ENV,
    });
    expect([driven.failed, driven.outputs.verdict]).toEqual([false, 'unchanged']);
    const reason = 'nothing was deployed, so no deployment was verified';
    expect(driven.stdout).toContain(`email-api (email-api:2) unchanged: ${reason}.`);
    expect(driven.summary).toContain(`| ✅ unchanged | ${reason} |`);
    expect(JSON.parse(driven.outputs.verdicts ?? '')).toMatchObject([{ reason }]);
  });

  test('says so for a service deployment that ECS does not know', async () => {
    answerAws(ECS, { DescribeServiceDeployments: () => ({ serviceDeployments: [] }) });
    const driven = await driveAction(inVirtualTime(waitForStable), {
      inputs: { 'service-deployment-arn': deploymentArn('lost') },
      env: ENV,
    });
    expect(driven.failed).toBe(true);
    expect(driven.stdout).toMatch(/ECS knows no service deployment .*lost\. It keeps them for 90 days/);
  });
});
