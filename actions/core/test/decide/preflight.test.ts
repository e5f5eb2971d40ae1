import { describe, expect, test } from '@jest/globals';
import { judgePreflight, type NeededThing, type PreflightReading } from '../../src/decide/preflight.ts';
import type { SchemaReading } from '../../src/decide/schema-compat.ts';
import type { SurroundingsReading } from '../../src/decide/surroundings.ts';
import { T0 } from './readings.ts';

const calm: PreflightReading = {
  needs: [],
  deployedAt: T0,
  settings: [],
  desiredCount: 2,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  rollbacksInHour: 0,
  destinationsInHour: 0,
  automatic: false,
  copied: false,
  scope: 'task',
  unreached: [],
  schema: { migratedWith: [], hasMigration: false, accepted: false },
  surroundings: {
    alarms: [],
    restoreAlarms: false,
    runningCount: 2,
    siblings: [],
    family: 'web',
    unread: [],
  },
};
const around = (surroundings: Partial<SurroundingsReading>): Partial<PreflightReading> => ({
  surroundings: { ...calm.surroundings, ...surroundings },
});
const schema = (reading: Partial<SchemaReading>): Partial<PreflightReading> => ({
  schema: { ...calm.schema, ...reading },
});
const alarm = (state: string) => ({ name: '5xx', state, reason: 'r', missingData: 'missing' });
const scaling = { minCapacity: 2, suspended: [], held: false };
const change = [{ path: 'a', before: '1', after: '2' }];
const needs = (what: string, state: NeededThing['state'], rest: Partial<NeededThing> = {}) => ({
  needs: [{ what, name: 'x', state, ...rest }],
});
const moved = { container: 'app', deployed: 'sha256:1', now: 'sha256:2' };
const tagGone = { container: 'app', deployed: 'sha256:1' };

describe('what a rollback would meet', () => {
  test.each<[string, Partial<PreflightReading>, string[]]>([
    ['nothing in the way', {}, []],
    ['everything there', needs('image', 'there'), []],
    ['an image that a lifecycle rule removed', needs('image', 'missing'), ['refuse image-missing']],
    ['an archived image', needs('image', 'archived'), ['refuse image-archived']],
    ['an image outside of ECR', needs('image', 'unknown', { why: 'no' }), ['warn image-unchecked']],
    ['a tag that moved on', needs('image', 'there', { moved }), ['act image-moved']],
    ['a tag that is gone', needs('image', 'there', { moved: tagGone }), ['act image-moved']],
    ['a role that is gone', needs('role', 'missing'), ['refuse role-missing']],
    ['a role that may not be passed', needs('role', 'refused', { why: 'no' }), ['refuse role-refused']],
    ['a revision that is INACTIVE', { copied: true }, ['act copy']],
    ['a revision that served shortly', { servedMs: 60_000 }, ['warn unproven']],
    ['a revision that served long', { servedMs: 3_600_000 }, []],
    ['a deleted parameter', needs('parameter', 'missing'), ['refuse parameter-missing']],
    [
      'a parameter changed since',
      needs('parameter', 'there', { changedAt: T0 + 1 }),
      ['warn parameter-changed'],
    ],
    ['a parameter changed before', needs('parameter', 'there', { changedAt: T0 - 1 }), []],
    ['a secret nobody looked at', needs('secret', 'unknown', { why: 'no' }), ['warn secret-unchecked']],
    ['a log group that is gone', needs('log group', 'missing'), ['refuse log-group-missing']],
    ['a target group that is gone', needs('target group', 'missing'), ['refuse target-group-missing']],
    ['a subnet that stays', { settings: change }, ['warn settings']],
    ['a subnet that goes back', { settings: change, scope: 'service' }, ['act settings']],
    ['a port the target lacks', { unreached: ['web:8000'] }, ['refuse port-missing']],
    ['a count of 0', { desiredCount: 0 }, ['warn scaled-to-zero']],
    ['no room to start or stop a task', { maximumPercent: 100 }, ['refuse no-room']],
    ['room by stopping first', { minimumHealthyPercent: 50, maximumPercent: 100 }, []],
    ['no room by rounding', { desiredCount: 1, maximumPercent: 150 }, ['refuse no-room']],
    ['one rollback within the hour', { rollbacksInHour: 1 }, []],
    ['two rollbacks within the hour', { rollbacksInHour: 2 }, ['warn ping-pong']],
    [
      'a run that would go back to a third revision within the hour',
      { destinationsInHour: 2, rollbacksInHour: 2, automatic: true },
      ['refuse ping-pong'],
    ],
    [
      'a run after many bad commits over one good revision',
      { destinationsInHour: 1, rollbacksInHour: 4, automatic: true },
      ['warn ping-pong'],
    ],
    ['an alarm that fires', around({ alarms: [alarm('ALARM')] }), ['act alarm-firing']],
    ['an alarm that is quiet', around({ alarms: [alarm('OK')] }), []],
    ['an alarm without data', around({ alarms: [alarm('INSUFFICIENT_DATA')] }), ['warn alarm-blind']],
    ['alarms that were left off', around({ restoreAlarms: true }), ['act alarms-off']],
    ['autoscaling with room', around({ autoscaling: scaling }), []],
    [
      'autoscaling that may scale in',
      around({ autoscaling: { ...scaling, minCapacity: 1 } }),
      ['warn scale-in'],
    ],
    [
      'autoscaling that somebody suspended',
      around({ autoscaling: { ...scaling, suspended: ['scale-in'] } }),
      ['warn autoscaling-suspended'],
    ],
    [
      'autoscaling that a killed run holds',
      around({ autoscaling: { ...scaling, suspended: ['scale-in'], held: true } }),
      ['act autoscaling-held'],
    ],
    ['another service of the family', around({ siblings: ['jobs'] }), ['warn siblings']],
    ['tasks that found no place', around({ placement: 'no room' }), ['warn placement']],
    ['targets that drain', around({ drainSeconds: 300 }), ['warn drain']],
    [
      'what could not be read',
      around({ unread: [{ what: 'alarms', why: 'no' }] }),
      ['warn alarms-unchecked'],
    ],
    ['a schema the target says it understands', schema({ understood: '12..15', live: '15' }), []],
    ['any schema', schema({ understood: 'any', migratedWith: ['web:2'] }), []],
    ['a schema above', schema({ understood: '8..9', live: '10' }), ['refuse schema-newer']],
    ['a schema below', schema({ understood: '9..', live: '8' }), ['refuse schema-newer']],
    ['a schema up to one', schema({ understood: '..9', live: '8' }), []],
    ['one schema', schema({ understood: '9', live: '10' }), ['refuse schema-newer']],
    [
      'a schema above, at the own risk',
      schema({ understood: '8..9', live: '10', accepted: true }),
      ['warn schema-newer'],
    ],
    ['a migration since', schema({ migratedWith: ['web:2'] }), ['refuse schema-unknown']],
    [
      'a migration since, at the own risk',
      schema({ migratedWith: ['web:2'], accepted: true }),
      ['warn schema-unknown'],
    ],
    ['a service with a migration', schema({ hasMigration: true }), ['warn schema-unseen']],
  ])('is told for %s', (_title, reading, expected) => {
    const findings = judgePreflight({ ...calm, ...reading });
    expect(findings.map(({ kind, check }) => `${kind} ${check}`)).toEqual([...expected, 'warn unseen']);
    for (const { text } of findings) expect(text).not.toMatch(/undefined/);
  });
});
