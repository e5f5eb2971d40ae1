import { ECSClient } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { logsClient } from '../src/aws-clients.ts';
import { type FollowOptions, followDeployments } from '../src/follow.ts';
import { deploymentArn, revisionArn, T0, taskDefinitionArn } from './decide/readings.ts';
import { recordingLog } from './doubles/recording-log.ts';
import { type Answer, hangUp, refuse, scriptedAws, type WireCall } from './doubles/scripted-aws.ts';
import { virtualClock } from './doubles/virtual-clock.ts';

const followed = (id = 'ours') => ({
  service: 'email-api',
  cluster: 'shop',
  serviceName: 'email-api',
  serviceDeploymentArn: deploymentArn(id),
  taskDefinitionArn: taskDefinitionArn(2),
});
const wireReading = (status: string, change: object = {}) => ({
  serviceDeploymentArn: deploymentArn('ours'),
  status,
  createdAt: T0 / 1000,
  targetServiceRevision: {
    arn: revisionArn(2),
    requestedTaskCount: 2,
    runningTaskCount: 2,
    pendingTaskCount: 0,
  },
  ...change,
});
const service = { services: [{ serviceName: 'email-api', status: 'ACTIVE', desiredCount: 2 }] };

/** Follows one deployment; `answer` scripts DescribeServiceDeployments by how often it was asked before. */
async function follow(
  answer: (before: number) => Answer,
  change: Partial<FollowOptions> = {},
  others: (call: WireCall) => Answer = () => service,
) {
  const aws = scriptedAws((call, before) =>
    call.operation === 'DescribeServiceDeployments' ? answer(before) : others(call),
  );
  // One attempt a call: the waiting between attempts is the follower's own, in virtual time.
  const config = { ...aws.access, maxAttempts: 1 };
  const clock = virtualClock(T0);
  const log = recordingLog();
  const deps = {
    ecs: new ECSClient(config),
    logs: logsClient(aws.access),
    clock,
    random: () => 0.5,
    log,
  };
  const options = {
    timeoutMs: 600_000,
    waitUntil: 'done',
    causes: 'annotate',
    logLines: 5,
    ...change,
  } as const;
  const [outcome] = await followDeployments([followed()], options, deps);
  return { outcome, aws, log, tookMs: clock.now() - T0 };
}
const reading = (status: string, change: object = {}): Answer => ({
  serviceDeployments: [wireReading(status, change)],
});

describe('following', () => {
  test('waits throttling out, with fewer and fewer calls, and tells it every 15 seconds', async () => {
    const { outcome, aws, log, tookMs } = await follow((before) =>
      before > 0 && before < 12
        ? refuse('ThrottlingException', 'Rate exceeded')
        : reading(before === 0 ? 'IN_PROGRESS' : 'SUCCESSFUL'),
    );
    expect(outcome?.verdict.word).toBe('succeeded');
    expect(tookMs).toBeGreaterThan(60_000);
    expect(aws.calls.length).toBeLessThan(25);
    const told = log.lines.filter((line) => line.startsWith('AWS gives no answer'));
    expect(told.length).toBeGreaterThan(2);
    expect(told.length).toBeLessThanOrEqual(tookMs / 15_000 + 1);
  });

  test.each<[string, () => Answer]>([
    ['a broken connection', () => hangUp()],
    ['a server error', () => refuse('ServerException', 'oops', 500)],
    ['service unavailable', () => refuse('ServiceUnavailable', 'later', 503)],
  ])('goes on after %s', async (_title, fault) => {
    const { outcome } = await follow((before) => (before === 0 ? fault() : reading('SUCCESSFUL')));
    expect(outcome?.verdict.word).toBe('succeeded');
  });

  test('is unknown when AWS answers nothing until the time is up', async () => {
    const { outcome, tookMs } = await follow(() => hangUp(), { timeoutMs: 60_000 });
    expect(outcome?.verdict).toMatchObject({ word: 'unknown', green: false });
    expect(tookMs).toBe(60_000);
  });

  test.each([
    ['AccessDeniedException', 'User x is not authorized to perform: ecs:DescribeServiceDeployments'],
    ['ExpiredTokenException', 'The security token included in the request is expired'],
  ])('does not wait for a refusal to pass: %s', async (code, message) => {
    await expect(follow(() => refuse(code, message))).rejects.toThrow(message);
  });

  test('drops a reading that is older than the last one', async () => {
    const at = (seconds: number) => ({ updatedAt: T0 / 1000 + seconds });
    const { log } = await follow(
      (before) =>
        [
          reading('IN_PROGRESS', at(5)),
          reading('PENDING', at(1)),
          reading('IN_PROGRESS', at(5)),
          reading('SUCCESSFUL', at(9)),
        ][before] ?? {},
    );
    expect(log.lines.filter((line) => line.includes('PENDING'))).toEqual([]);
    expect(log.lines.filter((line) => line.includes('IN_PROGRESS'))).toHaveLength(1);
  });

  test('is patient with a deployment that is not visible yet', async () => {
    const { outcome } = await follow((before) =>
      before < 4 ? { serviceDeployments: [] } : reading('SUCCESSFUL'),
    );
    expect(outcome?.verdict.word).toBe('succeeded');
  });

  test('is unknown for a deployment whose history is lost', async () => {
    const { outcome, tookMs } = await follow(() => ({
      serviceDeployments: [],
      failures: [{ reason: 'MISSING' }],
    }));
    expect(outcome?.verdict).toMatchObject({ word: 'unknown', green: false });
    expect(tookMs).toBeLessThan(15_000);
  });

  test('is failed when the service is deleted meanwhile', async () => {
    const gone = { services: [{ serviceName: 'email-api', status: 'DRAINING' }] };
    const { outcome } = await follow(
      () => reading('IN_PROGRESS'),
      {},
      () => gone,
    );
    expect(outcome?.verdict).toMatchObject({ word: 'failed', by: { kind: 'service', status: 'DRAINING' } });
  });

  test('is unknown, at once, for a status newer than this code', async () => {
    const { outcome, aws } = await follow(() => reading('HALF_SUCCESSFUL'));
    expect(outcome?.verdict).toMatchObject({
      word: 'unknown',
      green: false,
      by: { status: 'HALF_SUCCESSFUL' },
    });
    expect(aws.calls).toHaveLength(1);
  });

  test('stops at a pause when that is what is waited for', async () => {
    const lifecycleHookDetails = [{ hookId: 'h1', targetType: 'PAUSE', status: 'AWAITING_ACTION' }];
    const paused = () => reading('IN_PROGRESS', { lifecycleHookDetails });
    const { outcome } = await follow(paused, { waitUntil: 'paused' });
    expect(outcome?.verdict).toMatchObject({ word: 'paused', green: true });
    expect((await follow(paused, { timeoutMs: 30_000 })).outcome?.verdict).toMatchObject({
      word: 'paused',
      green: false,
    });
  });

  test('keeps its verdict when the cause may not be read', async () => {
    const tripped = { deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 } };
    const { outcome, log } = await follow(
      () => reading('ROLLBACK_SUCCESSFUL', tripped),
      {},
      () => refuse('AccessDeniedException', 'no'),
    );
    expect(outcome?.verdict.word).toBe('rolled-back');
    expect(log.annotations).toMatchObject([
      { kind: 'warning', message: expect.stringContaining('cause of the failure could not be read') },
    ]);
  });

  test('makes at most one call a second on average over a long wait', async () => {
    const { aws, tookMs } = await follow(() => reading('IN_PROGRESS'), { timeoutMs: 600_000 });
    expect(tookMs).toBe(600_000);
    expect(aws.calls.length).toBeLessThanOrEqual(600);
    expect(aws.calls.length).toBeGreaterThan(300);
  });
});
