import { describe, expect, test } from '@jest/globals';
import { decideProof, type ProofReading, type RunningTask } from '../../src/decide/proof.ts';
import { taskDefinitionArn } from './readings.ts';

const task = (n: number, change: Partial<RunningTask> = {}): RunningTask => ({
  taskArn: `arn:aws:ecs:us-east-1:123456789012:task/shop/${n}`,
  taskDefinitionArn: taskDefinitionArn(2),
  addresses: [`10.0.0.${n}`],
  containers: [{ name: 'app', digest: 'sha256:new' }],
  ...change,
});
const target = (n: number, state = 'healthy') => ({ address: `10.0.0.${n}`, state });

function reading(change: Partial<ProofReading>): ProofReading {
  return {
    taskDefinitionArn: taskDefinitionArn(2),
    serviceTaskDefinitionArn: taskDefinitionArn(2),
    desiredCount: 2,
    endsEarly: false,
    goesOn: false,
    running: [task(1), task(2)],
    deployedDigests: new Map([['app', 'sha256:new']]),
    targets: [target(1), target(2), target(9, 'draining')],
    formerAddresses: new Set(['10.0.0.9']),
    ...change,
  };
}

const old = task(9, { taskDefinitionArn: taskDefinitionArn(1) });
const stale = task(2, { containers: [{ name: 'app', digest: 'sha256:old' }] });

describe('the proof of a success', () => {
  test.each<[string, Partial<ProofReading>, RegExp]>([
    ['tasks, digests and targets agree', {}, /^2 tasks .*, 2 containers .*, 2 healthy targets, no other$/],
    ['no load balancer', { targets: [] }, /^2 tasks of this revision, 2 containers of the digest deployed$/],
    ['targets that may not be read', { targets: undefined }, /targets not checked$/],
    ['no digest known', { deployedDigests: new Map() }, /^2 tasks of this revision, 2 healthy/],
    ['more tasks than wanted while scaling in', { desiredCount: 1 }, /^2 tasks/],
    ['an early end, as its owner said', { endsEarly: true, running: [task(1), old] }, /^1 task/],
    [
      'tasks that share the address of a host',
      { running: [task(1, { addresses: [] }), task(2)] },
      /^2 tasks/,
    ],
    [
      'targets by the other address of their tasks',
      {
        running: [1, 2].map((n) => task(n, { addresses: [`10.0.0.${n}`, `fd00::${n}`] })),
        targets: [1, 2].map((n) => ({ address: `fd00::${n}`, state: 'healthy' })),
      },
      /2 healthy targets, no other$/,
    ],
    [
      'a target that never was a task of the service',
      { targets: [target(1), target(2), target(77)] },
      /2 healthy targets$/,
    ],
    [
      'tasks that scaling has wanted since and that do not run yet',
      { desiredCount: 4, requestedCount: 2 },
      /^2 tasks/,
    ],
    [
      'tasks of scaling that run and are no healthy targets yet',
      {
        desiredCount: 3,
        requestedCount: 2,
        running: [task(1), task(2), task(3)],
        targets: [target(1), target(2), target(3, 'initial')],
      },
      /^3 tasks .* 2 healthy targets, no other$/,
    ],
    [
      'the tasks before beside it while it goes on',
      { goesOn: true, running: [task(1), task(2), old], targets: [target(1), target(2), target(9)] },
      /^2 tasks .* 2 healthy targets$/,
    ],
  ])('stands with %s', (_title, change, what) => {
    expect(decideProof(reading(change))).toEqual({ kind: 'proven', what: expect.stringMatching(what) });
  });

  test.each<[string, Partial<ProofReading>, RegExp]>([
    ['too few tasks', { running: [task(1)], targets: [target(1)] }, /^1 of 2 tasks of it run$/],
    [
      'too few tasks, whatever scaling wants',
      { desiredCount: 4, requestedCount: 2, running: [task(1)], targets: [target(1)] },
      /^1 of 2 tasks of it run$/,
    ],
    [
      'too few tasks while it goes on',
      { goesOn: true, running: [task(1), old], targets: [target(1), target(9)] },
      /^1 of 2 tasks of it run$/,
    ],
    [
      'a task of another revision',
      { running: [task(1), task(2), old] },
      /1 task of another revision still runs/,
    ],
    ['another digest', { running: [task(1), stale] }, /runs sha256:old, but sha256:new was deployed/],
    ['another digest at an early end', { endsEarly: true, running: [stale] }, /sha256:old/],
    [
      'a task that is no healthy target',
      { targets: [target(1), target(2, 'initial')] },
      /10\.0\.0\.2 healthy/,
    ],
    [
      'a healthy target that was a task before',
      { targets: [target(1), target(2), target(9)] },
      /still .* 10\.0\.0\.9/,
    ],
  ])('falls with %s', (_title, change, fault) => {
    const proof = decideProof(reading(change));
    expect(proof.kind === 'contradicted' ? proof.faults.join('; ') : proof.kind).toMatch(fault);
  });

  test('is not asked for where somebody has moved the service on', () => {
    expect(decideProof(reading({ serviceTaskDefinitionArn: taskDefinitionArn(3), running: [] }))).toEqual({
      kind: 'moved',
    });
  });
});
