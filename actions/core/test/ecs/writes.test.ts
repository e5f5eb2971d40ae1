import { describe, expect, test } from '@jest/globals';
import { ecsClient } from '../../src/aws-clients.ts';
import type { ServiceReading } from '../../src/decide/deployment-reading.ts';
import { stopServiceDeployment } from '../../src/ecs/service-deployment.ts';
import { applyServiceUpdate } from '../../src/ecs/service-update.ts';
import { registerTaskDefinition } from '../../src/ecs/task-definition.ts';
import { deploymentArn, revisionArn, serviceReading, T0, taskDefinitionArn } from '../decide/readings.ts';
import { type Answer, hangUp, refuse, scriptedAws, type WireCall } from '../doubles/scripted-aws.ts';
import { virtualClock } from '../doubles/virtual-clock.ts';

const before: ServiceReading = serviceReading({
  primaryDeploymentId: 'ecs-svc/1',
  taskDefinitionArn: taskDefinitionArn(1),
});
const historyBefore = [{ serviceDeploymentArn: deploymentArn('old'), status: 'SUCCESSFUL', createdAt: T0 }];
const service = (primaryId: string, n: number) => ({
  serviceName: 'email-api',
  clusterArn: before.clusterArn,
  status: 'ACTIVE',
  taskDefinition: taskDefinitionArn(n),
  deployments: [{ id: primaryId, status: 'PRIMARY', taskDefinition: taskDefinitionArn(n) }],
});
const listed = (...ids: string[]) => ({
  serviceDeployments: ids.map((id, i) => ({
    serviceDeploymentArn: deploymentArn(id),
    status: 'IN_PROGRESS',
    createdAt: T0 / 1000 + i,
    targetServiceRevisionArn: revisionArn(i + 1),
  })),
});
/** Shows the new deployment from the call after `calls` of them. */
const listedLate = (calls: number) => (_call: WireCall, count: number) =>
  count < calls ? listed('old') : listed('old', 'new');
const revisions = ({ input }: WireCall, n: number) => ({
  serviceRevisions: input.serviceRevisionArns?.map((serviceRevisionArn) => ({
    serviceRevisionArn,
    taskDefinition: taskDefinitionArn(n),
  })),
});

/** Updates to revision 2 against scripted answers; by default all goes well. */
async function update(
  answers: Partial<Record<string, (call: WireCall, before: number) => Answer>>,
  force = false,
) {
  const aws = scriptedAws((call, count) => {
    const answer = answers[call.operation];
    if (answer) return answer(call, count);
    if (call.operation === 'UpdateService') return { service: service('ecs-svc/2', 2) };
    if (call.operation === 'ListServiceDeployments') return listed('old', 'new');
    if (call.operation === 'DescribeServiceRevisions') return revisions(call, 2);
    return { services: [service('ecs-svc/1', 1)] };
  });
  const clock = virtualClock(T0);
  const request = { before, historyBefore, taskDefinitionArn: taskDefinitionArn(2), force };
  const outcome = applyServiceUpdate(ecsClient(aws.access), request, { clock });
  return { aws, clock, outcome: await outcome.catch((error: Error) => error) };
}
const found = {
  kind: 'deployment',
  serviceDeploymentArn: deploymentArn('new'),
  serviceRevisionArn: revisionArn(2),
};

describe('an update of a service', () => {
  test('finds the deployment it made in three calls, and sends nothing but the task definition', async () => {
    const { aws, outcome } = await update({});
    expect(outcome).toEqual(found);
    expect(aws.operations()).toEqual(['UpdateService', 'ListServiceDeployments', 'DescribeServiceRevisions']);
    expect(aws.calls[0]?.input).toEqual({
      cluster: before.clusterArn,
      service: 'email-api',
      taskDefinition: taskDefinitionArn(2),
    });
  });

  test('sends the force flag only when asked to', async () => {
    const { aws } = await update({}, true);
    expect(aws.calls[0]?.input.forceNewDeployment).toBe(true);
  });

  test('says so when ECS makes no deployment', async () => {
    const { outcome } = await update({ UpdateService: () => ({ service: service('ecs-svc/1', 2) }) });
    expect(outcome).toEqual({ kind: 'none' });
  });

  test('waits for a deployment that is listed late', async () => {
    const { outcome, clock } = await update({ ListServiceDeployments: listedLate(20) });
    expect(outcome).toEqual(found);
    expect(clock.now() - T0).toBe(20_000);
  });

  test('gives up after a minute, as unseen', async () => {
    const { outcome, clock } = await update({ ListServiceDeployments: () => listed('old') });
    expect(outcome).toEqual({ kind: 'unseen' });
    expect(clock.now() - T0).toBe(60_000);
  });

  test('does not take somebody else’s deployment for its own', async () => {
    const { outcome } = await update({ DescribeServiceRevisions: (call) => revisions(call, 9) });
    expect(outcome).toEqual({ kind: 'unseen' });
  });

  test('reads back after a lost answer and does not repeat a write that was carried out', async () => {
    const { aws, outcome } = await update({
      UpdateService: () => hangUp(),
      DescribeServices: (_call, count) => ({
        services: [count === 0 ? service('ecs-svc/1', 1) : service('ecs-svc/2', 2)],
      }),
      ListServiceDeployments: listedLate(1),
    });
    expect(outcome).toEqual(found);
    expect(aws.operations().filter((name) => name === 'UpdateService')).toHaveLength(1);
  });

  test('finds a write that was carried out also when ECS has gone back from it meanwhile', async () => {
    const { aws, outcome } = await update({
      UpdateService: () => hangUp(),
      DescribeServices: () => ({ services: [service('ecs-svc/3', 1)] }),
      ListServiceDeployments: listedLate(2),
    });
    expect(outcome).toEqual(found);
    expect(aws.operations().filter((name) => name === 'UpdateService')).toHaveLength(1);
  });

  test('repeats the write once after a lost answer that was not carried out', async () => {
    const { aws, outcome } = await update({
      UpdateService: (_call, count) => (count === 0 ? hangUp() : { service: service('ecs-svc/2', 2) }),
      ListServiceDeployments: listedLate(5),
    });
    expect(outcome).toEqual(found);
    const readBack = ['DescribeServices', 'ListServiceDeployments'];
    expect(aws.operations().slice(0, 12)).toEqual([
      'UpdateService',
      ...Array.from({ length: 5 }, () => readBack).flat(),
      'UpdateService',
    ]);
  });

  test('takes a server error on a write for a lost answer', async () => {
    const { aws } = await update({
      UpdateService: (_call, count) =>
        count === 0 ? refuse('ServerException', 'oops', 500) : { service: service('ecs-svc/2', 2) },
    });
    expect(aws.operations().slice(0, 2)).toEqual(['UpdateService', 'DescribeServices']);
  });

  test('passes a refusal on', async () => {
    const { outcome } = await update({
      UpdateService: () => refuse('AccessDeniedException', 'not authorized'),
    });
    expect(outcome).toMatchObject({ name: 'AccessDeniedException', operation: 'ecs:UpdateService' });
  });
});

describe('a registration', () => {
  const document = {
    family: 'email-api',
    containerDefinitions: [{ name: 'app', image: 'i', brandNew: { a: 1 } }],
    newField: 'x',
  };
  const registered = {
    taskDefinition: { ...document, taskDefinitionArn: taskDefinitionArn(7), status: 'ACTIVE' },
  };

  test('sends fields the SDK does not know, and none of those only ECS writes', async () => {
    const aws = scriptedAws(() => registered);
    const described = { ...document, revision: 3, status: 'ACTIVE', registeredBy: 'x' };
    expect(await registerTaskDefinition(ecsClient(aws.access), described)).toBe(taskDefinitionArn(7));
    expect(aws.calls[0]?.input).toEqual(document);
  });

  test('adds tags, and keeps those of the document', async () => {
    const aws = scriptedAws(() => registered);
    const tagged = { ...document, tags: [{ key: 'git-sha', value: 'mine' }] };
    await registerTaskDefinition(ecsClient(aws.access), tagged, {
      'git-sha': 'other',
      'deployed-by-run': 'https://x/1?y=(2)',
    });
    expect(aws.calls[0]?.input.tags).toEqual([
      { key: 'git-sha', value: 'mine' },
      { key: 'deployed-by-run', value: 'https://x/1 y= 2' },
    ]);
  });

  test('takes the newest revision after a lost answer when it has this content', async () => {
    const known = { family: 'email-api', containerDefinitions: [{ name: 'app', image: 'i' }] };
    const aws = scriptedAws(({ operation }) =>
      operation === 'RegisterTaskDefinition'
        ? hangUp()
        : { taskDefinition: { ...known, taskDefinitionArn: taskDefinitionArn(7), status: 'ACTIVE' } },
    );
    expect(await registerTaskDefinition(ecsClient(aws.access), known)).toBe(taskDefinitionArn(7));
    expect(aws.operations()).toEqual(['RegisterTaskDefinition', 'DescribeTaskDefinition']);
  });

  test('finds its own revision after a lost answer, behind one that another run has registered', async () => {
    const known = { family: 'email-api', containerDefinitions: [{ name: 'app', image: 'i' }] };
    const other = { ...known, containerDefinitions: [{ name: 'app', image: 'j' }] };
    const tagged = (run: string) => [{ key: 'deployed-by-run', value: run }];
    const aws = scriptedAws(({ operation, input }) => {
      if (operation === 'RegisterTaskDefinition') return hangUp();
      if (operation === 'ListTaskDefinitions')
        return { taskDefinitionArns: [8, 7, 6].map((n) => taskDefinitionArn(n)) };
      const number = Number(/:(\d+)$/.exec(String(input.taskDefinition))?.[1] ?? 8);
      const document = number === 8 ? other : known;
      return {
        taskDefinition: { ...document, taskDefinitionArn: taskDefinitionArn(number), status: 'ACTIVE' },
        tags: tagged(number === 6 ? 'ours' : 'theirs'),
      };
    });
    const arn = await registerTaskDefinition(ecsClient(aws.access), known, { 'deployed-by-run': 'ours' });
    expect(arn).toBe(taskDefinitionArn(6));
    expect(aws.operations().filter((name) => name === 'RegisterTaskDefinition')).toHaveLength(1);
  });

  test('registers once more after a lost answer when there is no such revision', async () => {
    const aws = scriptedAws(({ operation }, count) => {
      if (operation !== 'RegisterTaskDefinition')
        return refuse('ClientException', 'Unable to describe task definition.');
      return count === 0 ? hangUp() : registered;
    });
    expect(await registerTaskDefinition(ecsClient(aws.access), document)).toBe(taskDefinitionArn(7));
  });
});

describe('a stop', () => {
  const stop = (answer: (call: WireCall, count: number) => Answer) => {
    const aws = scriptedAws(answer);
    return stopServiceDeployment(ecsClient(aws.access), deploymentArn('ours')).then((result) => ({
      result,
      aws,
    }));
  };
  const reading = (status: string) => ({
    serviceDeployments: [{ serviceDeploymentArn: deploymentArn('ours'), status }],
  });

  test('asks for a rollback', async () => {
    const { result, aws } = await stop(() => ({}));
    expect(result).toBe('asked');
    expect(aws.calls[0]?.input).toEqual({
      serviceDeploymentArn: deploymentArn('ours'),
      stopType: 'ROLLBACK',
    });
  });

  test('takes ROLLBACK_REQUESTED after a lost answer for success', async () => {
    const { result, aws } = await stop(({ operation }) =>
      operation === 'StopServiceDeployment' ? hangUp() : reading('ROLLBACK_REQUESTED'),
    );
    expect(result).toBe('asked');
    expect(aws.operations()).toEqual(['StopServiceDeployment', 'DescribeServiceDeployments']);
  });

  test('asks again after a lost answer that changed nothing', async () => {
    const { aws } = await stop(({ operation }, count) => {
      if (operation !== 'StopServiceDeployment') return reading('IN_PROGRESS');
      return count === 0 ? hangUp() : {};
    });
    expect(aws.operations()).toEqual([
      'StopServiceDeployment',
      'DescribeServiceDeployments',
      'StopServiceDeployment',
    ]);
  });

  test('says so when the deployment has ended meanwhile', async () => {
    const { result } = await stop(({ operation }) =>
      operation === 'StopServiceDeployment' ? refuse('ConflictException') : reading('SUCCESSFUL'),
    );
    expect(result).toBe('ended');
  });
});
