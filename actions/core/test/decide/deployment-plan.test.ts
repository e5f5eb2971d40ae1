import { describe, expect, test } from '@jest/globals';
import { type PlanQuestion, planDeployment, renderPlan } from '../../src/decide/deployment-plan.ts';
import { deploymentArn, T0, taskDefinitionArn } from './readings.ts';

const question = (change: Partial<PlanQuestion> = {}): PlanQuestion => ({
  family: 'email-api',
  currentTaskDefinitionArn: taskDefinitionArn(1),
  running: [],
  lastStatus: 'SUCCESSFUL',
  onRunning: 'queue',
  force: false,
  ...change,
});
const running = (status: string, n: number) => [
  {
    serviceDeploymentArn: deploymentArn('theirs'),
    status,
    createdAt: T0,
    taskDefinitionArn: taskDefinitionArn(n),
  },
];
const kinds = (change: Partial<PlanQuestion>) =>
  planDeployment(question(change)).map((step) =>
    step.kind === 'update' && step.force ? 'force' : step.kind,
  );
const equal = (n: number) => ({ equalTaskDefinitionArn: taskDefinitionArn(n) });

describe('the plan of one service', () => {
  test.each<[string, Partial<PlanQuestion>, string[]]>([
    ['registers and updates for new content', {}, ['register', 'update']],
    ['only updates to content that is registered', equal(2), ['update']],
    ['does nothing for the content that runs', equal(1), ['nothing']],
    [
      'takes over what an earlier attempt of the run has deployed',
      { ...equal(1), ownDeploymentArn: deploymentArn('ours') },
      ['adopt'],
    ],
    [
      'deploys other content than that of an earlier attempt',
      { ...equal(2), ownDeploymentArn: deploymentArn('ours') },
      ['update'],
    ],
    [
      'forces over what an earlier attempt has deployed when told to',
      { ...equal(1), ownDeploymentArn: deploymentArn('ours'), force: true },
      ['force'],
    ],
    [
      'does nothing after ECS has rolled back to that content',
      { ...equal(1), lastStatus: 'ROLLBACK_SUCCESSFUL' },
      ['nothing'],
    ],
    [
      'does nothing on a service that ECS shows no deployment of',
      { ...equal(1), lastStatus: undefined },
      ['nothing'],
    ],
    ['forces a deployment of the same content when asked to', { ...equal(1), force: true }, ['force']],
    [
      'forces one when the last ended stopped: the service does not run what it is set to',
      { ...equal(1), lastStatus: 'STOPPED' },
      ['force'],
    ],
    ['forces one when the last rollback failed', { ...equal(1), lastStatus: 'ROLLBACK_FAILED' }, ['force']],
    ['waits for another deployment', { running: running('IN_PROGRESS', 7) }, ['wait', 'register', 'update']],
    [
      'stops another deployment',
      { running: running('PENDING', 7), onRunning: 'stop' },
      ['stop', 'register', 'update'],
    ],
    [
      'refuses beside another deployment',
      { running: running('IN_PROGRESS', 7), onRunning: 'refuse' },
      ['refuse', 'register', 'update'],
    ],
    [
      'waits for a rollback under way',
      { ...equal(2), running: running('ROLLBACK_IN_PROGRESS', 2) },
      ['wait', 'update'],
    ],
    [
      'waits although the wanted content is set, while something else runs',
      { ...equal(1), running: running('IN_PROGRESS', 7) },
      ['wait', 'force'],
    ],
    [
      'adopts a deployment that carries this content',
      { ...equal(2), running: running('IN_PROGRESS', 2) },
      ['adopt'],
    ],
    [
      'adopts it also where it would refuse',
      { ...equal(2), running: running('PENDING', 2), onRunning: 'refuse' },
      ['adopt'],
    ],
    [
      'does not adopt when forced',
      { ...equal(2), running: running('IN_PROGRESS', 2), force: true },
      ['wait', 'force'],
    ],
  ])('%s', (_title, change, expected) => {
    expect(kinds(change)).toEqual(expected);
  });

  test('can be printed, each step with its reason', () => {
    expect(renderPlan(planDeployment(question({ running: running('IN_PROGRESS', 7) })))).toEqual([
      'wait service deployment theirs: another deployment of this service is IN_PROGRESS',
      'register a revision of email-api: content differs from email-api:1 and from the newest revision',
      'update the service: to the new revision',
    ]);
    expect(renderPlan(planDeployment(question(equal(1))))).toEqual([
      'nothing to do: the service runs email-api:1, which has this content',
    ]);
  });
});
