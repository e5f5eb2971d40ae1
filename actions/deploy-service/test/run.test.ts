import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { deploymentArn, revisionArn, taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { driveAction, inVirtualTime } from '../../core/test/doubles/action-drive.ts';
import { answerAws } from '../../core/test/doubles/aws-answers.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { deployService } from '../src/run.ts';

const DOCUMENT = { family: 'email-api', containerDefinitions: [{ name: 'app', image: 'app@sha256:2' }] };
const ENV = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'nobody',
  AWS_REGION: 'us-east-1',
  GITHUB_SHA: '4f5e6d7c8b9a',
  GITHUB_RUN_ID: '101',
  GITHUB_REPOSITORY: 'acme/shop',
};
const service = (id: string, n: number) => ({
  serviceName: 'email-api',
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop',
  status: 'ACTIVE',
  desiredCount: 2,
  taskDefinition: taskDefinitionArn(n),
  deployments: [{ id, status: 'PRIMARY' }],
});
const brief = (id: string, n: number, status: string) => ({
  serviceDeploymentArn: deploymentArn(id),
  status,
  createdAt: 1_790_000_000 + n,
  targetServiceRevisionArn: revisionArn(n),
});

reachNockOnly();

/** An ECS that has the service on revision 1 and takes revision 2. */
function answerEcs() {
  let updated = false;
  return answerAws('https://ecs.us-east-1.amazonaws.com', {
    DescribeServices: () => ({ services: [service('ecs-svc/1', 1)] }),
    ListServiceDeployments: () => ({
      serviceDeployments: [...(updated ? [brief('new', 2, 'PENDING')] : []), brief('old', 1, 'SUCCESSFUL')],
    }),
    DescribeTaskDefinition: () => ({
      taskDefinition: { ...DOCUMENT, cpu: '256', taskDefinitionArn: taskDefinitionArn(1), status: 'ACTIVE' },
    }),
    RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: taskDefinitionArn(2) } }),
    UpdateService: () => {
      updated = true;
      return { service: service('ecs-svc/2', 2) };
    },
    DescribeServiceRevisions: () => ({
      serviceRevisions: [{ serviceRevisionArn: revisionArn(2), taskDefinition: taskDefinitionArn(2) }],
    }),
  });
}

function drive(inputs: Record<string, string>) {
  const workspace = mkdtempSync(join(tmpdir(), 'berth-deploy-'));
  writeFileSync(join(workspace, 'td.json'), JSON.stringify(DOCUMENT));
  const given = { cluster: 'shop', service: 'email-api', 'task-definition': 'td.json', ...inputs };
  const driven = driveAction(inVirtualTime(deployService), {
    inputs: given,
    env: { ...ENV, GITHUB_WORKSPACE: workspace },
  });
  return driven.finally(() => rmSync(workspace, { recursive: true, force: true }));
}

describe('deploy-service over HTTP', () => {
  test('registers, updates and outputs the service deployment', async () => {
    const calls = answerEcs();
    const driven = await drive({});
    expect(driven.stdout).not.toContain('::error');
    expect(JSON.parse(driven.outputs.deployments ?? '')).toMatchObject([
      {
        service: 'email-api',
        serviceDeploymentArn: deploymentArn('new'),
        taskDefinitionArn: taskDefinitionArn(2),
        changed: true,
        commit: '4f5e6d7c8b9a',
      },
    ]);
    expect(driven.outputs['service-deployment-arn']).toBe(deploymentArn('new'));
    expect(driven.outputs.changed).toBe('true');
    const sent = (operation: string) => calls.find((call) => call.operation === operation)?.input;
    expect(sent('RegisterTaskDefinition')).toEqual({
      ...DOCUMENT,
      tags: [
        { key: 'git-sha', value: '4f5e6d7c8b9a' },
        { key: 'deployed-by-run', value: 'https://github.com/acme/shop/actions/runs/101' },
      ],
    });
    expect(sent('UpdateService')).toEqual({
      cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop',
      service: 'email-api',
      taskDefinition: taskDefinitionArn(2),
    });
  });

  test('fails with one annotation and no output for a wrong input, before any call', async () => {
    const calls = answerEcs();
    const driven = await drive({ 'on-running': 'wait' });
    expect([driven.failed, driven.outputs, calls]).toEqual([true, {}, []]);
    expect(driven.stdout).toContain('::error::input "on-running" is "wait": expected queue | refuse | stop');
  });

  test('names the permission that is missing', async () => {
    answerAws('https://ecs.us-east-1.amazonaws.com', {
      DescribeServices: () => ({
        fault: 'AccessDeniedException',
        message:
          'User: arn:aws:sts::123456789012:assumed-role/deploy/berth is not authorized to perform: ecs:DescribeServices',
      }),
    });
    const driven = await drive({});
    expect(driven.failed).toBe(true);
    expect(driven.stdout).toMatch(
      /assumed-role\/deploy\/berth is not authorized.*Allow ecs:DescribeServices/,
    );
  });
});
