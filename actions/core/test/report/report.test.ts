import { describe, expect, test } from '@jest/globals';
import type { FailureCause } from '../../src/decide/failure-cause.ts';
import type { Verdict, VerdictWord } from '../../src/decide/verdict.ts';
import { renderCause, renderCauseLine } from '../../src/report/cause-block.ts';
import { renderChange } from '../../src/report/change-line.ts';
import { renderNextStep, renderVerdict } from '../../src/report/verdict-sentence.ts';
import { renderCauseSections, summaryCells } from '../../src/report/verdict-summary.ts';
import { deploymentArn, deploymentReading, T0, taskDefinitionArn } from '../decide/readings.ts';

const cause: FailureCause = {
  stop: {
    taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/shop/0123456789abcdef',
    taskDefinitionArn: taskDefinitionArn(2),
    stoppedAt: T0,
    kind: 'exited',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    container: 'app',
    exitCode: 1,
    exitMeaning: 'the program reported an error',
    hint: 'The program ended with an error.',
    stoppedFromOutside: false,
    hopeless: false,
    count: 3,
  },
  events: ['(service email-api) (deployment ecs-svc/1) deployment failed: tasks failed to start.'],
  breaker: { failureCount: 3, threshold: 3 },
  alarmNames: [],
  logLines: ['Error: Cannot find module', '    at main'],
  logPlace: '/ecs/email-api email-api/app/0123456789abcdef',
};
const judged = (verdict: Partial<Verdict> & { word: VerdictWord }) => ({
  service: 'email-api',
  cluster: 'shop',
  serviceName: 'email-api-prod',
  serviceDeploymentArn: deploymentArn('ours'),
  taskDefinitionArn: taskDefinitionArn(2),
  verdict: { green: false, reason: '', ...verdict },
});

test('a cause is one screen, from what decided it to what to do', () => {
  expect(renderCause(cause)).toEqual([
    'decided by:    circuit breaker, 3 of 3 failed tasks',
    'event:         (service email-api) (deployment ecs-svc/1) deployment failed: tasks failed to start.',
    'task:          0123456789abcdef (3 tasks alike, this is the first) stopped: EssentialContainerExited: Essential container in task exited',
    'container:     app, exit code 1: the program reported an error',
    'log:           /ecs/email-api email-api/app/0123456789abcdef',
    '  | Error: Cannot find module',
    '  |     at main',
    'hint:          The program ended with an error.',
  ]);
});

test('a cause says why there are no log lines', () => {
  const silent = { ...cause, logLines: [], logPlace: undefined, logNote: 'no container had started' };
  expect(renderCause(silent)).toContain('log:           no container had started');
});

test('a task that ECS stopped has no exit code among its causes', () => {
  const stop = cause.stop && { ...cause.stop, exitCode: undefined, stoppedFromOutside: true };
  expect(renderCause({ ...cause, stop }).join('\n')).toMatch(
    /container: +app, stopped from outside: it did not end by itself/,
  );
});

test.each<[Partial<FailureCause>, string]>([
  [{}, 'container app: exit code 1 (the program reported an error)'],
  [{ alarmNames: ['errors'] }, 'alarm errors'],
  [{ stop: undefined, targetHealth: 'codes: [500]' }, 'codes: [500]'],
  [{ stop: undefined, events: [] }, 'no stopped task tells why'],
  [
    { stop: cause.stop && { ...cause.stop, container: undefined, exitCode: undefined } },
    'Essential container in task exited',
  ],
])('a cause in one line: %j', (change, line) => {
  expect(renderCauseLine({ ...cause, ...change })).toBe(line);
});

describe('a change', () => {
  const before = deploymentReading();

  test('is told on the first reading', () => {
    expect(renderChange(undefined, before)).toBe('IN_PROGRESS, 2 of 2 running, 2 old');
  });

  test('is not told when nothing that matters changed', () => {
    expect(renderChange(before, { ...before, updatedAt: T0 + 99_000 })).toBeUndefined();
  });

  test('tells counts, stage, breaker and pause', () => {
    const now = deploymentReading({
      lifecycleStage: 'POST_SCALE_UP',
      target: { serviceRevisionArn: 'r', requested: 2, running: 1, pending: 1 },
      sources: [],
      breaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
      hooks: [{ hookId: 'h1', status: 'AWAITING_ACTION', targetType: 'PAUSE' }],
    });
    expect(renderChange(before, now)).toBe(
      'IN_PROGRESS, stage POST_SCALE_UP, 1 of 2 running, 1 pending, circuit breaker tripped: 3 of 3 failed, paused by hook h1 at POST_SCALE_UP',
    );
  });
});

describe('a verdict', () => {
  test.each<[Partial<Verdict> & { word: VerdictWord }, string]>([
    [{ word: 'succeeded' }, 'email-api (email-api:2) succeeded.'],
    [
      {
        word: 'rolled-back',
        by: { kind: 'breaker', failureCount: 3, threshold: 3 },
        reason: 'tasks failed to start.',
      },
      'email-api (email-api:2) rolled-back by the circuit breaker (3 of 3 failed tasks): tasks failed to start.',
    ],
    [
      { word: 'rolled-back', by: { kind: 'alarm', names: ['a', 'b'] } },
      'email-api (email-api:2) rolled-back by alarm a, b.',
    ],
    [
      { word: 'rolled-back', by: { kind: 'person' } },
      'email-api (email-api:2) rolled-back by a person (StopServiceDeployment).',
    ],
    [
      { word: 'superseded', by: { kind: 'deployment', serviceDeploymentArn: deploymentArn('theirs') } },
      'email-api (email-api:2) superseded by theirs.',
    ],
    [
      { word: 'paused', by: { kind: 'hook', hookId: 'h1', stage: 'BAKE_TIME' } },
      'email-api (email-api:2) paused by hook h1 at BAKE_TIME.',
    ],
    [
      { word: 'unknown', by: { kind: 'deadline', seconds: 1800 } },
      'email-api (email-api:2) unknown after 1800 s, when the time was up.',
    ],
    [
      { word: 'unknown', by: { kind: 'status', status: 'NEW' } },
      'email-api (email-api:2) unknown: ECS gave the status NEW, which this version does not know.',
    ],
    [{ word: 'stopped', by: { kind: 'unstated' } }, 'email-api (email-api:2) stopped.'],
  ])('is one sentence: %j', (verdict, sentence) => {
    expect(renderVerdict(judged(verdict))).toBe(sentence);
  });

  test.each<[VerdictWord, RegExp]>([
    ['rolled-back', /before back in service/],
    ['failed', /rollback workflow/],
    ['superseded', /its own run/],
    ['stopped', /describe-service-deployments --service-deployment-arns arn/],
    ['scaled-to-zero', /--cluster shop --service email-api-prod --desired-count 1/],
    ['unknown', /describe-service-deployments/],
  ])('%s names the next step', (word, next) => {
    expect(renderNextStep(judged({ word }))).toMatch(next);
  });

  test.each<VerdictWord>(['succeeded', 'unchanged'])('%s needs no next step', (word) => {
    expect(renderNextStep(judged({ word }))).toBe('');
  });

  test('paused names the command that answers the hook', () => {
    expect(renderNextStep(judged({ word: 'paused', by: { kind: 'hook', hookId: 'h1' } }))).toContain(
      '--hook-id h1 --action CONTINUE',
    );
  });
});

describe('the summary', () => {
  const row = {
    ...judged({ word: 'rolled-back' }),
    seconds: 61.24,
    cause,
    commit: '4f5e6d7c8b9a0f1e2d3c',
    digests: ['sha256:0123456789abcdef0123'],
  };

  test('shows the chain from commit to service deployment', () => {
    expect(summaryCells(row)).toEqual([
      'email-api',
      '❌ rolled-back',
      'container app: exit code 1 (the program reported an error)',
      '4f5e6d7c8b9a',
      'sha256:0123456789ab',
      'email-api:2',
      'ours',
      '61.2',
    ]);
  });

  test('shows the cause of red services only', () => {
    const green = {
      ...row,
      service: 'fine',
      verdict: { word: 'succeeded', green: true, reason: '' } as const,
    };
    const text = renderCauseSections([row, green]);
    expect(text).toContain('### email-api: rolled-back');
    expect(text).toContain('  | Error: Cannot find module');
    expect(text).not.toContain('fine');
  });
});
