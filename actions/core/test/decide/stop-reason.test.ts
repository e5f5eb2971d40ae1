import { describe, expect, test } from '@jest/globals';
import { explainStop, type StoppedTask, selectStopCause } from '../../src/decide/stop-reason.ts';
import { STOP_RULES } from '../../src/decide/stop-rules.ts';
import { T0, taskDefinitionArn } from './readings.ts';

function stopped(change: Partial<StoppedTask> = {}, id = 'a'.repeat(32)): StoppedTask {
  return {
    taskArn: `arn:aws:ecs:us-east-1:123456789012:task/shop/${id}`,
    taskDefinitionArn: taskDefinitionArn(2),
    createdAt: T0,
    stoppedAt: T0 + 5_000,
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ name: 'app', exitCode: 1 }],
    ...change,
  };
}
const failedToStart = (stoppedReason: string) =>
  stopped({ stopCode: 'TaskFailedToStart', stoppedReason, containers: [{ name: 'app' }] });
const exited = (exitCode: number, reason?: string) =>
  stopped({ containers: [{ name: 'app', exitCode, reason }] });

const table: [kind: string, hopeless: boolean, task: StoppedTask][] = [
  ['exited', false, exited(1)],
  ['exited', false, exited(78)],
  ['ended', false, exited(0)],
  ['killed', false, exited(137)],
  ['out-of-memory', false, exited(137, 'OutOfMemoryError: Container killed due to memory usage')],
  ['crashed', false, exited(139)],
  ['crashed', false, exited(134)],
  ['told-to-stop', false, exited(143)],
  ['command-not-found', true, exited(127)],
  ['command-not-found', true, exited(126)],
  ['image-wrong-platform', true, exited(1, 'exec /app/main: exec format error')],
  [
    'image-wrong-platform',
    true,
    failedToStart(
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'",
    ),
  ],
  [
    'image-not-found',
    true,
    failedToStart(
      'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/email-api@sha256:0: 123456789012.dkr.ecr.us-east-1.amazonaws.com/email-api@sha256:0: not found',
    ),
  ],
  ['image-not-found', true, failedToStart('CannotPullContainerError: manifest unknown')],
  ['image-access-denied', true, failedToStart('CannotPullContainerError: pull access denied for email-api')],
  [
    'image-access-denied',
    true,
    failedToStart('CannotPullECRContainerError: AccessDeniedException: no permission'),
  ],
  [
    'image-registry-unreachable',
    false,
    failedToStart(
      'CannotPullContainerError: Get "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/": dial tcp 10.0.0.1:443: i/o timeout',
    ),
  ],
  ['image-pull-failed', false, failedToStart('CannotPullContainerError: something else')],
  [
    'secret-missing',
    true,
    failedToStart(
      "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
  ],
  [
    'secret-missing',
    true,
    failedToStart(
      'ResourceInitializationError: unable to pull secrets or registry auth: invalid parameters: /email/token',
    ),
  ],
  [
    'secret-access-denied',
    true,
    failedToStart(
      'ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: not authorized to perform: ssm:GetParameters',
    ),
  ],
  [
    'role-not-assumable',
    true,
    failedToStart("ECS was unable to assume the role 'arn:aws:iam::123456789012:role/x'"),
  ],
  [
    'log-group-missing',
    true,
    failedToStart(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.',
    ),
  ],
  ['start-failed', false, failedToStart('ResourceInitializationError: failed to invoke EFS utils commands')],
  ['start-failed', false, failedToStart('CannotCreateContainerError: name in use')],
  ['container-start-failed', false, failedToStart('CannotStartContainerError: permission')],
  [
    'command-not-found',
    true,
    failedToStart('CannotStartContainerError: exec: "serve": executable file not found in $PATH'),
  ],
  [
    'dependency-failed',
    false,
    failedToStart('dependency graph: container ordering dependency [db] for target [app] has timed out.'),
  ],
  [
    'health-check-elb',
    false,
    stopped({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason:
        'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tg/1)',
      containers: [{ name: 'app', exitCode: 143 }],
    }),
  ],
  [
    'health-check-container',
    false,
    stopped({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      containers: [{ name: 'app', exitCode: 137 }],
    }),
  ],
  [
    'spot-interruption',
    false,
    stopped({
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
      containers: [],
    }),
  ],
  ['stopped-by-person', false, stopped({ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' })],
  [
    'unrecognised',
    false,
    stopped({ stopCode: 'SomethingNew', stoppedReason: 'for a new reason', containers: [] }),
  ],
];

function wordsOf({ stoppedReason, containers }: StoppedTask): string {
  const [container] = containers;
  const code = container?.exitCode === undefined ? '' : `exit code ${container.exitCode}: `;
  return code + (container?.reason ?? stoppedReason);
}

describe('the cause of one stop', () => {
  const titled = table.map(([kind, hopeless, task]) => ({ kind, hopeless, task, words: wordsOf(task) }));

  test.each(titled)('is $kind for $words', ({ kind, hopeless, task }) => {
    const cause = explainStop(task);
    expect(cause).toMatchObject({ kind, hopeless });
    expect(cause?.hint === undefined).toBe(kind === 'unrecognised');
  });

  test('is tested for every rule', () => {
    const tested = new Set(table.map(([kind]) => kind));
    expect(STOP_RULES.map(({ kind }) => kind).filter((kind) => !tested.has(kind))).toEqual([]);
  });

  test.each([
    [
      'a scale-in',
      {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      },
    ],
    ['a stop of the scheduler for no failure', { stopCode: 'ServiceSchedulerInitiated', stoppedReason: '' }],
  ])('is none for %s', (_title, change) => {
    expect(explainStop(stopped({ ...change, containers: [{ name: 'app', exitCode: 143 }] }))).toBeUndefined();
  });

  test('blames the container that ended with an error, not those told to stop after it', () => {
    const containers = [
      { name: 'sidecar', exitCode: 143 },
      { name: 'app', exitCode: 3 },
      { name: 'idle', exitCode: 0 },
    ];
    expect(explainStop(stopped({ containers }))).toMatchObject({ container: 'app', exitCode: 3 });
  });

  test.each(['ServiceSchedulerInitiated', 'UserInitiated', 'SpotInterruption'])(
    'is never the exit code of a task that ended by %s',
    (stopCode) => {
      const stoppedReason = 'Task failed ELB health checks in (target-group tg)';
      const cause = explainStop(
        stopped({ stopCode, stoppedReason, containers: [{ name: 'app', exitCode: 0 }] }),
      );
      expect(cause).toMatchObject({
        kind: 'health-check-elb',
        container: 'app',
        exitCode: undefined,
        exitMeaning: undefined,
        stoppedFromOutside: true,
      });
    },
  );

  test('explains the exit code', () => {
    expect(explainStop(exited(137))?.exitMeaning).toBe(
      'killed (SIGKILL): out of memory, or it did not stop in time after SIGTERM',
    );
    expect(explainStop(exited(137, 'OutOfMemoryError: Container killed'))?.exitMeaning).toBe(
      'killed (SIGKILL): out of memory',
    );
    expect(explainStop(exited(139))?.exitMeaning).toContain('SIGSEGV');
    expect(explainStop(exited(143))?.exitMeaning).toContain('SIGTERM');
    expect(explainStop(exited(142))?.exitMeaning).toBe('ended by signal 14');
    expect(explainStop(exited(42))?.exitMeaning).toBe('a code of the program itself');
  });
});

describe('the cause of several stops', () => {
  test('is what most of them share, told by the first of these', () => {
    const tasks = [
      stopped({ stoppedAt: T0 + 30_000 }, 'third'),
      stopped(
        {
          stoppedAt: T0 + 1_000,
          stopCode: 'SpotInterruption',
          stoppedReason: 'Your Spot Task was interrupted.',
          containers: [],
        },
        'spot',
      ),
      stopped({ stoppedAt: T0 + 10_000 }, 'first'),
      stopped({ stoppedAt: T0 + 20_000 }, 'second'),
    ];
    const cause = selectStopCause(tasks);
    expect(cause).toMatchObject({ kind: 'exited', count: 3, stoppedAt: T0 + 10_000 });
    expect(cause?.taskArn).toMatch(/first$/);
  });

  test('is none when no task stopped for a failure', () => {
    expect(selectStopCause([])).toBeUndefined();
  });
});
