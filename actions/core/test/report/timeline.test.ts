import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderTimeline } from '../../src/report/timeline.ts';
import { renderTracker } from '../../src/report/tracker.ts';
import { deploymentReading, T0 } from '../decide/readings.ts';

describe('the timeline', () => {
  test('is a Mermaid chart with a section a service and a bar a phase', () => {
    const phases = [
      { name: 'PENDING', startedAt: T0 },
      { name: 'IN_PROGRESS', startedAt: T0 + 2_000 },
      { name: 'ROLLBACK_IN_PROGRESS', startedAt: T0 + 20_000 },
    ];
    const row = { service: 'email-api', phases, endedAt: T0 + 61_000, green: false };
    expect(renderTimeline([row])).toBe(
      [
        '```mermaid',
        'gantt',
        '  dateFormat X',
        '  axisFormat %M:%S',
        '  section email-api',
        '  PENDING :r0p0, 0, 2',
        '  IN_PROGRESS :r0p1, 2, 20',
        '  ROLLBACK_IN_PROGRESS :crit, r0p2, 20, 61',
        '```',
      ].join('\n'),
    );
  });

  test('is empty when nothing was followed', () => {
    expect(renderTimeline([{ service: 'a', phases: [], endedAt: T0, green: true }])).toBe('');
  });

  test('has no bar of no length, and no character that means something to Mermaid', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.nat(5_000)), { minLength: 1 }), (made) => {
        let at = T0;
        const phases = made.map(([name, ms]) => {
          at += ms;
          return { name, startedAt: at };
        });
        const chart = renderTimeline([{ service: 'a:b', phases, endedAt: at, green: true }]);
        const bars = chart.split('\n').slice(5, -1);
        for (const bar of bars) {
          const [, from, to] = /^ {2}[^:;#,]* ?:(?:crit, )?r0p\d+, (\d+), (\d+)$/.exec(bar) ?? [];
          expect(Number(to)).toBeGreaterThan(Number(from));
        }
        expect(bars.length).toBe(Math.min(30, phases.length));
      }),
    );
  });
});

describe('the tracker on a terminal', () => {
  const phases = [{ name: 'IN_PROGRESS', startedAt: T0 }];

  test('shows counts as a bar, the state and the last events of each service', () => {
    const service = { events: [{ createdAt: T0, message: '(service email-api) has started 2 tasks' }] };
    const reading = deploymentReading({
      target: { serviceRevisionArn: 'r', requested: 4, running: 2, pending: 2 },
    });
    const tracked = [
      { followed: { service: 'email-api' }, reading, phases, service },
      { followed: { service: 'web' }, phases: [] },
    ];
    expect(renderTracker(tracked, T0 + 5_000)).toEqual([
      'email-api  [##########..........]  IN_PROGRESS, 2 of 4 running, 2 pending, 2 old for 5 s',
      '    12:00:00  (service email-api) has started 2 tasks',
      'web        [....................]  not seen yet',
    ]);
  });

  test('shows the share of the traffic, and the last tasks that failed', () => {
    const reading = deploymentReading({
      target: { serviceRevisionArn: 'r', requested: 2, running: 1, pending: 1, weight: 25, testWeight: 100 },
      sources: [],
    });
    const failedTask = (id: string, seconds: number) => ({
      taskArn: `arn:aws:ecs:us-east-1:123456789012:task/shop/${id}`,
      taskDefinitionArn: 'web:2',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      createdAt: T0,
      stoppedAt: T0 + seconds * 1_000,
      containers: [{ name: 'app', exitCode: 1 }],
    });
    const stopped = new Map([
      ['a', failedTask('aaaaaaaaaaaa', 1)],
      ['b', failedTask('bbbbbbbbbbbb', 9)],
      ['c', failedTask('cccccccccccc', 5)],
      ['theirs', null],
    ]);
    expect(renderTracker([{ followed: { service: 'web' }, reading, phases, stopped }], T0)).toEqual([
      'web  [##########..........]  IN_PROGRESS, 1 of 2 running, 1 pending, 25 % of the traffic, 100 % of the test traffic for 0 s',
      '    12:00:09  task bbbbbbbb stopped: container app: exit code 1 (the program reported an error)',
      '    12:00:05  task cccccccc stopped: container app: exit code 1 (the program reported an error)',
    ]);
  });

  test('shows the verdict once it has fallen', () => {
    const outcome = { verdict: { word: 'succeeded', green: true } };
    expect(renderTracker([{ followed: { service: 'web' }, phases, outcome }], T0)).toEqual([
      'web  [....................]  ✅ succeeded',
    ]);
  });
});
