import { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { type DeploymentReading, type HookReading, isOngoing } from '../../src/decide/deployment-reading.ts';
import {
  decideAtDeadline,
  decideVerdict,
  decideWithoutDeployment,
  LOST_AFTER_READINGS,
  type VerdictReading,
} from '../../src/decide/verdict.ts';
import {
  deploymentArn,
  deploymentReading,
  revisionArn,
  serviceReading,
  T0,
  verdictReading,
} from './readings.ts';

const tripped = { status: 'TRIGGERED', failureCount: 3, threshold: 3 };
const quiet = { status: 'MONITORING_COMPLETE', failureCount: 0, threshold: 3 };
const alarm = (...names: string[]) => ({ status: 'TRIGGERED', triggeredAlarmNames: names });
const calm = { status: 'MONITORING_COMPLETE', triggeredAlarmNames: [] };
const hook = (status: string): HookReading => ({ hookId: 'h1', status, targetType: 'PAUSE' });
const later = (seconds: number, id = 'newer') => ({
  serviceDeploymentArn: deploymentArn(id),
  status: 'IN_PROGRESS',
  createdAt: T0 + seconds * 1_000,
  targetServiceRevisionArn: revisionArn(3),
});
const stoppedAt = (seconds: number) => ({ status: 'STOPPED', stoppedAt: T0 + seconds * 1_000 });

type Row = [
  title: string,
  deployment: Partial<DeploymentReading> | undefined,
  rest: Partial<VerdictReading>,
  expected: string,
];

/** Expected: word, then `green`, then who; `…` while it is under way. */
const table: Row[] = [
  ['pending', { status: 'PENDING' }, {}, '…'],
  ['in progress', { status: 'IN_PROGRESS' }, {}, '…'],
  [
    'in progress with failures below the threshold',
    { breaker: { ...tripped, status: 'MONITORING', failureCount: 2 } },
    {},
    '…',
  ],
  ['in progress with the breaker tripped', { breaker: tripped }, {}, '…'],
  ['in progress with an alarm', { alarms: alarm('errors') }, {}, '…'],
  ['in progress while a newer one exists', {}, { newer: [later(30)] }, '…'],
  [
    'in progress at desired count 0',
    { target: { serviceRevisionArn: revisionArn(2), requested: 0, running: 0, pending: 0 } },
    {},
    '…',
  ],
  ['in the bake time', { lifecycleStage: 'BAKE_TIME' }, {}, '…'],
  ['in a stage newer than this code', { lifecycleStage: 'PRE_PRODUCTION_TRAFFIC_SHIFT' }, {}, '…'],
  ['stop requested', { status: 'STOP_REQUESTED' }, {}, '…'],
  ['rollback requested', { status: 'ROLLBACK_REQUESTED' }, {}, '…'],
  ['rollback under way by the breaker', { status: 'ROLLBACK_IN_PROGRESS', breaker: tripped }, {}, '…'],
  ['paused, looking to the end', { hooks: [hook('AWAITING_ACTION')] }, {}, '…'],
  [
    'paused, looking for pauses',
    { hooks: [hook('AWAITING_ACTION')] },
    { waitUntil: 'paused' },
    'paused green hook h1',
  ],
  ['hook answered, looking for pauses', { hooks: [hook('SUCCEEDED')] }, { waitUntil: 'paused' }, '…'],
  [
    'rolling back while a hook waits, looking for pauses',
    { status: 'ROLLBACK_IN_PROGRESS', hooks: [hook('TIMED_OUT')] },
    { waitUntil: 'paused' },
    '…',
  ],
  ['successful', { status: 'SUCCESSFUL' }, {}, 'succeeded green'],
  [
    'successful with early success criteria, old tasks still there',
    {
      status: 'SUCCESSFUL',
      target: { serviceRevisionArn: revisionArn(2), requested: 4, running: 2, pending: 2 },
    },
    {},
    'succeeded green',
  ],
  [
    'successful after failures that did not trip',
    { status: 'SUCCESSFUL', breaker: { ...quiet, failureCount: 2 } },
    {},
    'succeeded green',
  ],
  ['successful, then a newer one began', { status: 'SUCCESSFUL' }, { newer: [later(90)] }, 'succeeded green'],
  [
    'successful with unknown hooks',
    { status: 'SUCCESSFUL', hooks: [hook('SOMETHING_NEW')] },
    {},
    'succeeded green',
  ],
  ['successful of a first deployment', { status: 'SUCCESSFUL', sources: [] }, {}, 'succeeded green'],
  [
    'successful at desired count 0 that was 2',
    { status: 'SUCCESSFUL' },
    { service: serviceReading({ desiredCount: 0 }), desiredCountBefore: 2 },
    'scaled-to-zero red',
  ],
  [
    'successful at desired count 0 that was 0',
    { status: 'SUCCESSFUL' },
    { service: serviceReading({ desiredCount: 0 }), desiredCountBefore: 0 },
    'scaled-to-zero green',
  ],
  [
    'successful at requested count 0, count before unknown',
    {
      status: 'SUCCESSFUL',
      target: { serviceRevisionArn: revisionArn(2), requested: 0, running: 0, pending: 0 },
    },
    {},
    'scaled-to-zero red',
  ],
  [
    'rolled back by the breaker',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: tripped },
    {},
    'rolled-back red breaker 3 of 3',
  ],
  [
    'rolled back by the breaker, alarms calm',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: tripped, alarms: calm },
    {},
    'rolled-back red breaker 3 of 3',
  ],
  [
    'rolled back by an alarm',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: quiet, alarms: alarm('errors') },
    {},
    'rolled-back red alarm errors',
  ],
  [
    'rolled back, both tripped, ECS names the alarm',
    {
      status: 'ROLLBACK_SUCCESSFUL',
      breaker: tripped,
      alarms: alarm('errors'),
      rollback: { reason: 'CloudWatch alarm errors' },
    },
    {},
    'rolled-back red alarm errors',
  ],
  [
    'rolled back, both tripped, ECS names no alarm',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: tripped, alarms: alarm('errors') },
    {},
    'rolled-back red breaker 3 of 3',
  ],
  [
    'rolled back by a hook that failed',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: quiet, hooks: [hook('FAILED')] },
    {},
    'rolled-back red hook h1',
  ],
  [
    'rolled back by a hook whose time ran out',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: undefined, hooks: [hook('SUCCEEDED'), hook('TIMED_OUT')] },
    {},
    'rolled-back red hook h1',
  ],
  [
    'rolled back by a person',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: quiet, rollback: { reason: 'Rollback requested by user' } },
    {},
    'rolled-back red person',
  ],
  [
    'rolled back, nobody named',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: quiet },
    {},
    'rolled-back red unstated',
  ],
  [
    'rolled back, then a newer one began',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: tripped },
    { newer: [later(90)] },
    'rolled-back red breaker 3 of 3',
  ],
  [
    'rollback failed after the breaker',
    { status: 'ROLLBACK_FAILED', breaker: tripped },
    {},
    'failed red breaker 3 of 3',
  ],
  [
    'rollback failed after an alarm',
    { status: 'ROLLBACK_FAILED', alarms: alarm('errors') },
    {},
    'failed red alarm errors',
  ],
  ['rollback failed, nobody named', { status: 'ROLLBACK_FAILED' }, {}, 'failed red unstated'],
  [
    'stopped by the breaker without rollback',
    { ...stoppedAt(60), breaker: tripped },
    {},
    'failed red breaker 3 of 3',
  ],
  [
    'stopped by the breaker, then a newer one began',
    { ...stoppedAt(60), breaker: tripped },
    { newer: [later(61)] },
    'failed red breaker 3 of 3',
  ],
  [
    'stopped by an alarm without rollback',
    { ...stoppedAt(60), alarms: alarm('errors', 'latency') },
    {},
    'failed red alarm errors,latency',
  ],
  ['stopped by a failed hook', { ...stoppedAt(60), hooks: [hook('FAILED')] }, {}, 'failed red hook h1'],
  ['stopped when a newer one began', stoppedAt(60), { newer: [later(60)] }, 'superseded red newer'],
  [
    'stopped a moment before the newer one was written down',
    stoppedAt(60),
    { newer: [later(62)] },
    'superseded red newer',
  ],
  [
    'stopped, and the first of two newer ones did it',
    stoppedAt(90),
    { newer: [later(80, 'second'), later(60, 'first')] },
    'superseded red first',
  ],
  ['stopped long before the newer one began', stoppedAt(60), { newer: [later(600)] }, 'stopped red unstated'],
  [
    'stopped, and the list holds only itself',
    stoppedAt(60),
    { newer: [{ ...later(0, 'ours') }] },
    'stopped red unstated',
  ],
  ['stopped, and the other one is older', stoppedAt(60), { newer: [later(-60)] }, 'stopped red unstated'],
  [
    'stopped by a person',
    { ...stoppedAt(60), statusReason: 'Deployment stopped by user' },
    {},
    'stopped red person',
  ],
  ['stopped, nobody named', stoppedAt(60), {}, 'stopped red unstated'],
  ['a status newer than this code', { status: 'SUCCESSFUL_ENOUGH' }, {}, 'unknown red status'],
  ['an empty status', { status: '' }, {}, 'unknown red status'],
  ['not there yet', undefined, { missedReadings: 1 }, '…'],
  ['not there for almost too long', undefined, { missedReadings: LOST_AFTER_READINGS - 1 }, '…'],
  ['its history is lost', undefined, { missedReadings: LOST_AFTER_READINGS }, 'unknown red'],
  [
    'the service is being deleted',
    {},
    { service: serviceReading({ status: 'DRAINING' }) },
    'failed red service',
  ],
  [
    'the service has been deleted',
    { status: 'SUCCESSFUL' },
    { service: serviceReading({ status: 'INACTIVE' }) },
    'failed red service',
  ],
  [
    'the service and its history are gone',
    undefined,
    { service: serviceReading({ status: 'INACTIVE' }) },
    'failed red service',
  ],
  ['rolling, old tasks still there, until it serves', {}, { waitUntil: 'serving' }, '…'],
  [
    'rolling, all replaced, until it serves',
    { sources: [] },
    { waitUntil: 'serving' },
    'succeeded green stage serving',
  ],
  [
    'rolling, old tasks at 0, until it serves',
    { sources: [{ serviceRevisionArn: revisionArn(1), requested: 0, running: 0, pending: 0 }] },
    { waitUntil: 'serving' },
    'succeeded green stage serving',
  ],
  [
    'rolling, all replaced, until its alarms bake',
    { sources: [] },
    { waitUntil: 'bake' },
    'succeeded green stage bake',
  ],
  ['rolling, all replaced, to the end', { sources: [] }, { waitUntil: 'done' }, '…'],
  [
    'rolling, too few tasks, until it serves',
    { sources: [], target: { serviceRevisionArn: revisionArn(2), requested: 2, running: 1, pending: 1 } },
    { waitUntil: 'serving' },
    '…',
  ],
  [
    'rolling at requested count 0, until it serves',
    { sources: [], target: { serviceRevisionArn: revisionArn(2), requested: 0, running: 0, pending: 0 } },
    { waitUntil: 'serving' },
    '…',
  ],
  [
    'all replaced, breaker tripped, until it serves',
    { sources: [], breaker: tripped },
    { waitUntil: 'serving' },
    '…',
  ],
  [
    'all replaced, alarm raised, until it serves',
    { sources: [], alarms: alarm('a') },
    { waitUntil: 'serving' },
    '…',
  ],
  [
    'traffic shifting, until it serves',
    { lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT' },
    { waitUntil: 'serving' },
    '…',
  ],
  [
    'traffic shifted, until it serves',
    { lifecycleStage: 'POST_PRODUCTION_TRAFFIC_SHIFT' },
    { waitUntil: 'serving' },
    'succeeded green stage serving',
  ],
  [
    'traffic shifted, until it bakes',
    { lifecycleStage: 'POST_PRODUCTION_TRAFFIC_SHIFT' },
    { waitUntil: 'bake' },
    '…',
  ],
  [
    'baking, until it bakes',
    { lifecycleStage: 'BAKE_TIME' },
    { waitUntil: 'bake' },
    'succeeded green stage bake',
  ],
  [
    'cleaning up, until it serves',
    { lifecycleStage: 'CLEAN_UP' },
    { waitUntil: 'serving' },
    'succeeded green stage serving',
  ],
  [
    'baking after a failed hook',
    { lifecycleStage: 'BAKE_TIME', hooks: [hook('FAILED')] },
    { waitUntil: 'bake' },
    '…',
  ],
  ['in an unknown stage, until it serves', { lifecycleStage: 'NEW_STAGE' }, { waitUntil: 'serving' }, '…'],
  [
    'rolling back after it served',
    { status: 'ROLLBACK_IN_PROGRESS', lifecycleStage: 'BAKE_TIME' },
    { waitUntil: 'serving' },
    '…',
  ],
  ['stop asked after it served', { status: 'STOP_REQUESTED', sources: [] }, { waitUntil: 'serving' }, '…'],
  ['successful, until it bakes', { status: 'SUCCESSFUL' }, { waitUntil: 'bake' }, 'succeeded green'],
  [
    'rolled back, until it serves',
    { status: 'ROLLBACK_SUCCESSFUL', breaker: tripped },
    { waitUntil: 'serving' },
    'rolled-back red breaker 3 of 3',
  ],
  [
    'stopped for a newer one, until it serves',
    stoppedAt(60),
    { waitUntil: 'serving', newer: [later(60)] },
    'superseded red newer',
  ],
  [
    'paused, until it serves',
    { hooks: [hook('AWAITING_ACTION')], lifecycleStage: 'PRE_SCALE_UP' },
    { waitUntil: 'serving' },
    '…',
  ],
];

test('the table has a row for at least 60 situations, no two alike', () => {
  expect(table.length).toBeGreaterThanOrEqual(60);
  expect(new Set(table.map(([title]) => title)).size).toBe(table.length);
});

function render(verdict: ReturnType<typeof decideVerdict>): string {
  if (!verdict) return '…';
  const { word, green, by } = verdict;
  const who =
    by &&
    {
      breaker: () => (by.kind === 'breaker' ? `breaker ${by.failureCount} of ${by.threshold}` : ''),
      hopeless: () => (by.kind === 'hopeless' ? `hopeless ${by.rule}` : ''),
      cancel: () => 'cancel',
      stage: () => (by.kind === 'stage' ? `stage ${by.stage}` : ''),
      alarm: () => (by.kind === 'alarm' ? `alarm ${by.names.join(',')}` : ''),
      hook: () => (by.kind === 'hook' ? `hook ${by.hookId}` : ''),
      deployment: () => (by.kind === 'deployment' ? by.serviceDeploymentArn.split('/').at(-1) : ''),
      person: () => 'person',
      deadline: () => 'deadline',
      service: () => 'service',
      status: () => 'status',
      unstated: () => 'unstated',
    }[by.kind]();
  return [word, green ? 'green' : 'red', who].filter(Boolean).join(' ');
}

describe('the verdict', () => {
  test.each(table)('%s', (_title, deployment, rest, expected) => {
    expect(render(decideVerdict(verdictReading(deployment, rest)))).toBe(expected);
  });

  test('knows every status of the SDK: a new one needs rows in the table above', () => {
    const rows = new Set(table.flatMap(([, deployment]) => deployment?.status ?? []));
    expect([...Object.values(ServiceDeploymentStatus)].filter((status) => !rows.has(status))).toEqual([]);
  });

  test('is green on no status but SUCCESSFUL', () => {
    const others = [...Object.values(ServiceDeploymentStatus), 'NEW', ''].filter((s) => s !== 'SUCCESSFUL');
    const green = others.filter((status) => decideVerdict(verdictReading({ status }))?.green);
    expect(green).toEqual([]);
  });

  test('names the revision that serves after a rollback', () => {
    const rollback = { serviceRevisionArn: revisionArn(1), reason: 'circuit breaker' };
    const verdict = decideVerdict(verdictReading({ status: 'ROLLBACK_SUCCESSFUL', rollback }));
    expect(verdict).toMatchObject({ servingRevisionArn: revisionArn(1), reason: 'circuit breaker' });
  });

  test('takes the source revision for the serving one when the rollback names none', () => {
    expect(decideVerdict(verdictReading({ status: 'ROLLBACK_SUCCESSFUL' }))).toMatchObject({
      servingRevisionArn: revisionArn(1),
    });
  });
});

/** Every combination of what a verdict depends on; the axes of the table above. */
function* everyReading(): Generator<VerdictReading> {
  const none = { serviceRevisionArn: revisionArn(2), requested: 0, running: 0, pending: 0 };
  const some = { serviceRevisionArn: revisionArn(2), requested: 2, running: 2, pending: 0 };
  for (const status of [...Object.values(ServiceDeploymentStatus), 'NEW', undefined])
    for (const newer of [[], [later(30)]])
      for (const alarms of [undefined, calm, alarm('errors')])
        for (const breaker of [undefined, quiet, tripped])
          for (const hooks of [[], [hook('AWAITING_ACTION')], [hook('FAILED')], [hook('SUCCEEDED')]])
            for (const target of [some, none])
              for (const desiredCountBefore of [undefined, 0, 2])
                for (const waitUntil of ['done', 'paused', 'serving', 'bake'] as const) {
                  const of = { newer, desiredCountBefore, waitUntil };
                  if (status === undefined) yield verdictReading(undefined, { ...of, missedReadings: 99 });
                  else
                    yield verdictReading(
                      { status, alarms, breaker, hooks, target, stoppedAt: T0 + 30_000 },
                      of,
                    );
                }
}

describe('over every combination', () => {
  const all = [...everyReading()].map((reading) => ({ reading, verdict: decideVerdict(reading) }));

  test('an end has a verdict, and what is under way has none unless it was asked for', () => {
    const wrong = all.filter(({ reading: { deployment, waitUntil }, verdict }) => {
      const ended = !deployment || !isOngoing(deployment.status);
      return ended ? !verdict : verdict !== undefined && waitUntil === 'done';
    });
    expect(all.length).toBeGreaterThan(10_000);
    expect(wrong).toEqual([]);
  });

  test('green is a success of tasks that run, or of none where none ran before, or what was asked for', () => {
    const unearned = all.filter(({ reading: { deployment, desiredCountBefore, waitUntil }, verdict }) => {
      if (!verdict?.green) return false;
      if (verdict.word === 'paused') return waitUntil !== 'paused';
      if (verdict.by?.kind === 'stage') return deployment?.status !== 'IN_PROGRESS' || waitUntil === 'done';
      const runs = deployment?.target?.requested !== 0;
      return deployment?.status !== 'SUCCESSFUL' || !(runs || desiredCountBefore === 0);
    });
    expect(unearned).toEqual([]);
    expect(all.some(({ verdict }) => verdict?.green)).toBe(true);
  });

  test('nothing that tripped, failed or was raised is called superseded', () => {
    const blamed = all.filter(({ reading: { deployment }, verdict }) => {
      if (verdict?.word !== 'superseded') return false;
      const { breaker, alarms, hooks = [] } = deployment ?? {};
      return (
        [breaker?.status, alarms?.status].includes('TRIGGERED') ||
        hooks.some(({ status }) => status === 'FAILED')
      );
    });
    expect(blamed).toEqual([]);
    expect(all.some(({ verdict }) => verdict?.word === 'superseded')).toBe(true);
  });
});

describe('the verdict when the time is up', () => {
  test('is unknown and red while the deployment is under way', () => {
    expect(decideAtDeadline(deploymentReading(), 1800)).toMatchObject({
      word: 'unknown',
      green: false,
      by: { kind: 'deadline', seconds: 1800 },
    });
  });

  test('is unknown for a deployment that was never seen', () => {
    expect(decideAtDeadline(undefined, 60)).toMatchObject({
      word: 'unknown',
      reason: expect.stringContaining('never seen'),
    });
  });

  test('is paused, and red, while a hook waits for an answer', () => {
    const paused = deploymentReading({ hooks: [hook('AWAITING_ACTION')], lifecycleStage: 'POST_SCALE_UP' });
    expect(decideAtDeadline(paused, 60)).toMatchObject({
      word: 'paused',
      green: false,
      by: { kind: 'hook', hookId: 'h1', stage: 'POST_SCALE_UP' },
    });
  });
});

describe('the verdict without a deployment', () => {
  test('is unchanged and green when nothing was written', () => {
    expect(decideWithoutDeployment(false)).toMatchObject({ word: 'unchanged', green: true });
  });

  test('is unknown and red when something was', () => {
    expect(decideWithoutDeployment(true)).toMatchObject({ word: 'unknown', green: false });
  });
});
