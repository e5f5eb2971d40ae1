import { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeploymentHistoryEntry } from '../../src/decide/deployment-reading.ts';
import { selectRollbackCandidate } from '../../src/decide/rollback-candidate.ts';
import type {
  RollbackAnswer,
  RollbackQuestion,
  TaskDefinitionFacts,
} from '../../src/decide/rollback-question.ts';
import type { RollbackTarget } from '../../src/decide/rollback-target.ts';
import { deploymentArn, revisionArn, T0, taskDefinitionArn } from './readings.ts';

/** A service's past: deployments, oldest first, as `status revision`; revision n runs task definition n. */
function question(
  past: string[],
  change: Partial<RollbackQuestion> = {},
  marks: Record<number, Partial<TaskDefinitionFacts>> = {},
): RollbackQuestion {
  const numbers = Array.from({ length: 9 }, (_, i) => i + 1);
  return {
    to: { kind: 'previous' },
    history: past.map(historyEntry),
    current: { serviceRevisionArn: revisionArn(3), taskDefinitionArn: taskDefinitionArn(3) },
    taskDefinitionOf: new Map(numbers.map((n) => [revisionArn(n), taskDefinitionArn(n)])),
    taskDefinitions: new Map(
      numbers.map((n) => [
        taskDefinitionArn(n),
        { taskDefinitionArn: taskDefinitionArn(n), status: 'ACTIVE', ...marks[n] },
      ]),
    ),
    ...change,
  };
}

function historyEntry(text: string, i: number): DeploymentHistoryEntry {
  const [status = '', n = ''] = text.split(' ');
  return {
    serviceDeploymentArn: deploymentArn(String(i)),
    status,
    createdAt: T0 + i,
    targetServiceRevisionArn: revisionArn(Number(n)),
  };
}

function shown(answer: RollbackAnswer): string {
  if (answer.kind === 'candidate')
    return `${answer.taskDefinitionArn.split(':').at(-1)}${answer.copy ? ' by a copy' : ''}`;
  return answer.kind === 'none' ? `none: ${answer.why}` : answer.kind;
}

describe('the previous revision', () => {
  test.each([
    ['is the successful one before', ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'], {}, '2'],
    [
      'is not a failed one, though its number is nearer',
      ['SUCCESSFUL 1', 'ROLLBACK_SUCCESSFUL 2', 'SUCCESSFUL 3'],
      {},
      '1',
    ],
    ['is not a stopped one', ['SUCCESSFUL 1', 'STOPPED 2', 'SUCCESSFUL 3'], {}, '1'],
    ['is not the current one deployed twice', ['SUCCESSFUL 1', 'SUCCESSFUL 3', 'SUCCESSFUL 3'], {}, '1'],
    [
      'is not one marked known-bad',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'],
      { 2: { knownBad: 'smoke' } },
      '1',
    ],
    [
      'is not one marked known-bad without a reason',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'],
      { 2: { knownBad: '' } },
      '1',
    ],
    [
      'is an inactive one, by a copy',
      ['SUCCESSFUL 2', 'SUCCESSFUL 3'],
      { 2: { status: 'INACTIVE' } },
      '2 by a copy',
    ],
    [
      'is not one being deleted',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'],
      { 2: { status: 'DELETE_IN_PROGRESS' } },
      '1',
    ],
    [
      'is not one that is gone',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'],
      { 2: { status: 'MISSING' } },
      '1',
    ],
    ['is by time, not by number', ['SUCCESSFUL 2', 'SUCCESSFUL 1', 'SUCCESSFUL 3'], {}, '1'],
    [
      'is what ran before a failed deployment that has become the current one',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'STOPPED 3'],
      {},
      '2',
    ],
    [
      'is not one that was left by going back',
      ['SUCCESSFUL 1', 'SUCCESSFUL 3', 'SUCCESSFUL 2', 'SUCCESSFUL 3'],
      {},
      '1',
    ],
    [
      'is one that was left once and deployed again since',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'],
      {},
      '2',
    ],
    [
      'is neither the revision that the current one is a copy of, nor what that copy left',
      ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 4', 'SUCCESSFUL 3'],
      { 3: { copiedFrom: taskDefinitionArn(2) } },
      '1',
    ],
  ])('%s', (_title, past, marks, expected) => {
    expect(shown(selectRollbackCandidate(question(past, {}, marks)))).toBe(expected);
  });

  test.each([
    ['no deployment at all', [], {}, /has ever succeeded/],
    ['a first deployment only', ['SUCCESSFUL 3'], {}, /has ever succeeded|ran the current/],
    ['only failures before', ['STOPPED 1', 'SUCCESSFUL 3'], {}, /has ever succeeded|ran the current/],
    [
      'only known-bad ones before',
      ['SUCCESSFUL 1', 'SUCCESSFUL 3'],
      { 1: { knownBad: 'x' } },
      /known to be bad/,
    ],
  ])('is none for %s, and says why', (_title, past, marks, why) => {
    expect(shown(selectRollbackCandidate(question(past, {}, marks)))).toMatch(why);
  });

  test('says which revisions were passed over', () => {
    const past = ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'];
    const answer = selectRollbackCandidate(question(past, {}, { 2: { knownBad: 'smoke test failed' } }));
    expect(answer).toMatchObject({
      skipped: [{ revision: 'email-api:2', why: 'is marked known-bad (smoke test failed)' }],
    });
  });

  test('asks for the revisions it has not read, at most twenty, newest first', () => {
    const past = Array.from({ length: 30 }, (_, i) => `SUCCESSFUL ${i + 10}`);
    const answer = selectRollbackCandidate(question(past, { taskDefinitionOf: new Map() }));
    expect(answer).toMatchObject({ kind: 'needs-revisions' });
    const arns = answer.kind === 'needs-revisions' ? answer.serviceRevisionArns : [];
    expect([arns.length, arns[0], arns.at(-1)]).toEqual([20, revisionArn(39), revisionArn(20)]);
  });

  test('asks for the current task definition, and then only for the one it looks at next', () => {
    const past = ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'];
    const ask = (taskDefinitions: RollbackQuestion['taskDefinitions']) =>
      selectRollbackCandidate(question(past, { taskDefinitions }));
    const needs = (n: number) => ({
      kind: 'needs-task-definition',
      taskDefinition: taskDefinitionArn(n),
    });
    expect(ask(new Map())).toEqual(needs(3));
    const current = { taskDefinitionArn: taskDefinitionArn(3), status: 'ACTIVE' };
    expect(ask(new Map([[taskDefinitionArn(3), current]]))).toEqual(needs(2));
  });
});

describe('the previous revision, asked for by a person', () => {
  const past = ['SUCCESSFUL 1', 'SUCCESSFUL 3', 'SUCCESSFUL 2', 'SUCCESSFUL 3'];
  const ask = (askedAt: number, marks = {}) =>
    selectRollbackCandidate(question(past, { askedAt: T0 + askedAt }, marks));

  test('is there already where the service went back within the hour', () => {
    expect(ask(60_000)).toMatchObject({
      kind: 'current',
      why: expect.stringMatching(
        /^it went back from email-api:2 to email-api:3 at 2026-.*like "to: email-api:1"$/,
      ),
    });
  });

  test.each<[string, number, object, string]>([
    ['an hour later, one further', 3_700_000, {}, '1'],
    [
      'after a mark by the rollback itself, the same',
      60_000,
      { 2: { knownBad: 'rolled back: totals' } },
      'current',
    ],
    ['after a mark by a test, one further', 60_000, { 2: { knownBad: 'smoke test failed' } }, '1'],
  ])('is, %s', (_title, askedAt, marks, expected) => {
    expect(shown(ask(askedAt, marks))).toBe(expected);
  });

  test('is there already also where nothing is left to go further back to', () => {
    const short = question(['SUCCESSFUL 3', 'SUCCESSFUL 2', 'SUCCESSFUL 3'], { askedAt: T0 + 9 });
    expect(selectRollbackCandidate(short)).toMatchObject({
      kind: 'current',
      why: expect.not.stringContaining('like'),
    });
  });
});

describe('a named revision', () => {
  const past = ['SUCCESSFUL 1', 'SUCCESSFUL 2', 'SUCCESSFUL 3'];
  const named = (n: number) => ({ to: { kind: 'task-definition', name: taskDefinitionArn(n) } as const });

  test('is taken, whatever came of its deployments', () => {
    expect(shown(selectRollbackCandidate(question(['STOPPED 5'], named(5))))).toBe('5');
  });

  test('is refused when it is marked known-bad', () => {
    expect(shown(selectRollbackCandidate(question(past, named(2), { 2: { knownBad: 'x' } })))).toMatch(
      /none: email-api:2 is marked/,
    );
  });

  test('is the current one: nothing to do', () => {
    expect(selectRollbackCandidate(question(past, named(3)))).toEqual({
      kind: 'current',
      taskDefinitionArn: taskDefinitionArn(3),
    });
  });

  test('is found through a service revision', () => {
    const to = { kind: 'service-revision', arn: revisionArn(2) } as const;
    expect(shown(selectRollbackCandidate(question(past, { to })))).toBe('2');
  });

  test('is none when the service revision is gone', () => {
    const to = { kind: 'service-revision', arn: revisionArn(2) } as const;
    const taskDefinitionOf = new Map([[revisionArn(2), null]]);
    expect(shown(selectRollbackCandidate(question(past, { to, taskDefinitionOf })))).toMatch(
      /does not exist/,
    );
  });

  test('is asked for by the name given', () => {
    const to = { kind: 'task-definition', name: 'email-api:2' } as const;
    expect(selectRollbackCandidate(question(past, { to }))).toEqual({
      kind: 'needs-task-definition',
      taskDefinition: 'email-api:2',
    });
  });
});

/**
 * Every rule of the choice in the plainest words, and none of its code. What was never left is the loop-erased
 * walk through the successes (Lawler): from each step, jump to the last time the same content succeeded.
 */
function oracle({
  history,
  current,
  taskDefinitionOf,
  taskDefinitions,
}: RollbackQuestion): string | undefined {
  const same = taskDefinitions.get(current.taskDefinitionArn)?.copiedFrom;
  const walk: string[] = [];
  for (const entry of [...history].sort((a, b) => a.createdAt - b.createdAt)) {
    const taskDefinition = taskDefinitionOf.get(entry.targetServiceRevisionArn ?? '');
    if (entry.status !== 'SUCCESSFUL' || !taskDefinition) continue;
    walk.push(taskDefinition === current.taskDefinitionArn && same ? same : taskDefinition);
  }
  let found: string | undefined;
  for (let step = 0; step < walk.length; step++) {
    step = walk.lastIndexOf(walk[step] ?? '');
    const content = walk[step] ?? '';
    const facts = taskDefinitions.get(content);
    const isServing = content === current.taskDefinitionArn || content === same;
    const isBad = facts?.knownBad !== undefined || !['ACTIVE', 'INACTIVE'].includes(facts?.status ?? '');
    if (!isServing && !isBad) found = content;
  }
  return found;
}

const histories = fc.record({
  past: fc.array(
    fc.record({
      status: fc.constantFrom(...Object.values(ServiceDeploymentStatus)),
      revision: fc.integer({ min: 1, max: 12 }),
    }),
    { maxLength: 14 },
  ),
  runs: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 12, maxLength: 12 }),
  lost: fc.subarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { maxLength: 3 }),
  bad: fc.subarray([1, 2, 3, 4, 5, 6]),
  states: fc.array(fc.constantFrom('ACTIVE', 'ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS', 'MISSING'), {
    minLength: 6,
    maxLength: 6,
  }),
  current: fc.integer({ min: 1, max: 12 }),
  copied: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 }),
  order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
});

describe('a revision told by what it was', () => {
  const past = ['SUCCESSFUL 1', 'ROLLBACK_SUCCESSFUL 4', 'SUCCESSFUL 2', 'SUCCESSFUL 3'];
  const commits = { 1: { commit: 'aaaaaaa1' }, 2: { commit: 'aaaaaaa2' }, 3: { commit: 'ccccccc3' } };
  const digestsOf = new Map([
    [revisionArn(1), ['sha256:aaaaaaaaaaaa1']],
    [revisionArn(2), ['sha256:aaaaaaaaaaaa2', 'sha256:dddddddddddd']],
    [revisionArn(3), ['sha256:cccccccccccc']],
  ]);
  const before = (ms: number): RollbackTarget => ({ kind: 'before', at: T0 + ms });
  const commit = (prefix: string): RollbackTarget => ({ kind: 'commit', prefix });
  const digest = (of: string): RollbackTarget => ({ kind: 'digest', digest: `sha256:${of}` });

  test.each<[string, RollbackTarget, string | RegExp]>([
    ['served before the last deployment', before(2), '2'],
    ['served while a failed one was tried', before(1), '1'],
    ['serves now', before(99), 'current'],
    ['served before the history begins', before(-1), /^none: the history begins with .* 2026-11-21T12:00:00/],
    ['is of a commit', commit('aaaaaaa2'), '2'],
    ['is of the commit that serves', commit('ccccccc'), 'current'],
    ['is of two commits', commit('aaaaaaa'), /^none: sha:aaaaaaa fits aaaaaaa2 and aaaaaaa1/],
    ['is of an unknown commit', commit('fffffff'), /^none: .* commit fffffff; it has run ccccccc3, aaaaaaa2/],
    ['ran a digest', digest('dddddddddddd'), '2'],
    ['ran one of two digests', digest('aaaaaaaaaaaa'), /^none: .* fits .* and .*: give more of it/],
    ['ran an unknown digest', digest('ffffffffffff'), /^none: no successful deployment .* ran sha256:f/],
  ])('is found where it %s', (_title, to, expected) => {
    const answer = shown(selectRollbackCandidate(question(past, { to, digestsOf }, commits)));
    if (typeof expected === 'string') expect(answer).toBe(expected);
    else expect(answer).toMatch(expected);
  });

  test('is not taken where it is known-bad, nor where its deployment failed', () => {
    const bad = { ...commits, 2: { commit: 'aaaaaaa2', knownBad: 'smoke' }, 4: { commit: 'eeeeeee4' } };
    const ask = (to: RollbackTarget) =>
      shown(selectRollbackCandidate(question(past, { to, digestsOf }, bad)));
    expect(ask(commit('aaaaaaa2'))).toMatch(/^none: email-api:2 is marked known-bad/);
    expect(ask(commit('eeeeeee4'))).toMatch(/^none: no successful deployment/);
  });

  test.each([before(2), commit('aaaaaaa2')])('is found by reading one fact after the other: %j', (to) => {
    const all = question(past, { to, digestsOf }, commits);
    expect(readStepByStep(all)).toEqual(selectRollbackCandidate(all));
  });
});

describe('the choice over random histories', () => {
  test('equals the brute-force oracle in 10,000 of them, whatever the order of the list', () => {
    fc.assert(
      fc.property(histories, ({ past, runs, lost, bad, states, current, copied, order }) => {
        const of = (revision: number) => taskDefinitionArn(runs[revision - 1] ?? 1);
        const asked: RollbackQuestion = {
          to: { kind: 'previous' },
          history: past
            .map(({ status, revision }, i) => historyEntry(`${status} ${revision}`, i))
            .map((entry) => ({ entry, at: order.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ entry }) => entry),
          current: { serviceRevisionArn: revisionArn(current), taskDefinitionArn: of(current) },
          taskDefinitionOf: new Map(
            runs.map((_, i) => [revisionArn(i + 1), lost.includes(i + 1) ? null : of(i + 1)]),
          ),
          taskDefinitions: new Map(
            states.map((status, i) => [
              taskDefinitionArn(i + 1),
              {
                taskDefinitionArn: taskDefinitionArn(i + 1),
                status,
                ...(bad.includes(i + 1) ? { knownBad: '' } : {}),
                ...(copied === undefined ? {} : { copiedFrom: taskDefinitionArn(copied) }),
              },
            ]),
          ),
        };
        const answer = selectRollbackCandidate(asked);
        expect(answer.kind === 'candidate' ? answer.taskDefinitionArn : undefined).toBe(oracle(asked));
      }),
      { numRuns: 10_000 },
    );
  });

  test('equals brute force also for a moment, a commit and a digest, in 2,000 of them each', () => {
    const target = fc.oneof(
      fc.integer({ min: -1, max: 15 }).map((at): RollbackTarget => ({ kind: 'before', at: T0 + at })),
      fc.integer({ min: 0, max: 3 }).map((n): RollbackTarget => ({ kind: 'commit', prefix: `ccccccc${n}` })),
      fc.integer({ min: 0, max: 3 }).map((n): RollbackTarget => ({ kind: 'digest', digest: `sha256:${n}` })),
    );
    fc.assert(
      fc.property(histories, target, ({ past, runs, bad, states, current }, to) => {
        const of = (revision: number) => runs[revision - 1] ?? 1;
        const history = past.map(({ status, revision }, i) => historyEntry(`${status} ${revision}`, i));
        const revisions = runs.map((_, i) => i + 1);
        const asked: RollbackQuestion = {
          to,
          history,
          current: {
            serviceRevisionArn: revisionArn(current),
            taskDefinitionArn: taskDefinitionArn(of(current)),
          },
          taskDefinitionOf: new Map(revisions.map((n) => [revisionArn(n), taskDefinitionArn(of(n))])),
          digestsOf: new Map(revisions.map((n) => [revisionArn(n), [`sha256:${of(n) % 4}`]])),
          taskDefinitions: new Map(
            states.map((status, i) => [
              taskDefinitionArn(i + 1),
              {
                taskDefinitionArn: taskDefinitionArn(i + 1),
                status,
                commit: `ccccccc${(i + 1) % 3}`,
                ...(bad.includes(i + 1) ? { knownBad: '' } : {}),
              },
            ]),
          ),
        };
        const fits = past.filter(({ status, revision }, i) => {
          if (status !== 'SUCCESSFUL') return false;
          if (to.kind === 'before') return T0 + i <= to.at;
          if (to.kind === 'commit') return to.prefix === `ccccccc${of(revision) % 3}`;
          return to.kind === 'digest' && to.digest === `sha256:${of(revision) % 4}`;
        });
        const found = fits.length > 0 ? of(fits[fits.length - 1]?.revision ?? 0) : undefined;
        const isDeployable =
          found !== undefined && !bad.includes(found) && /^(IN)?ACTIVE$/.test(states[found - 1] ?? '');
        const answer = selectRollbackCandidate(asked);
        const expected =
          found === of(current)
            ? 'current'
            : isDeployable
              ? `${found}${states[found - 1] === 'INACTIVE' ? ' by a copy' : ''}`
              : 'none';
        expect(shown(answer).replace(/^none: .*/s, 'none')).toBe(expected);
      }),
      { numRuns: 6_000 },
    );
  });

  test('gives the same answer when facts are read one request at a time', () => {
    fc.assert(
      fc.property(histories, ({ past, runs, bad, states, current }) => {
        const all = question(
          past.map(({ status, revision }) => `${status} ${((revision - 1) % 9) + 1}`),
          {
            current: {
              serviceRevisionArn: revisionArn(current),
              taskDefinitionArn: taskDefinitionArn(runs[0] ?? 1),
            },
          },
          Object.fromEntries(
            states.map((status, i) => [i + 1, { status, ...(bad.includes(i + 1) ? { knownBad: '' } : {}) }]),
          ),
        );
        expect(readStepByStep(all)).toEqual(selectRollbackCandidate(all));
      }),
      { numRuns: 500 },
    );
  });
});

function readStepByStep(all: RollbackQuestion): RollbackAnswer {
  const taskDefinitionOf = new Map<string, string | null>();
  const taskDefinitions = new Map<string, TaskDefinitionFacts>();
  for (;;) {
    const answer = selectRollbackCandidate({ ...all, taskDefinitionOf, taskDefinitions });
    if (answer.kind === 'needs-revisions') {
      for (const arn of answer.serviceRevisionArns)
        taskDefinitionOf.set(arn, all.taskDefinitionOf.get(arn) ?? null);
    } else if (answer.kind === 'needs-task-definition') {
      const facts = all.taskDefinitions.get(answer.taskDefinition);
      taskDefinitions.set(
        answer.taskDefinition,
        facts ?? { taskDefinitionArn: answer.taskDefinition, status: 'MISSING' },
      );
    } else {
      return answer;
    }
  }
}
