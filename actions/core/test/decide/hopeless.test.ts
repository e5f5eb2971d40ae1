import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findHopeless, HOPELESS_RULES, readHopelessRules } from '../../src/decide/hopeless.ts';
import type { StoppedTask } from '../../src/decide/stop-reason.ts';
import { T0, taskDefinitionArn } from './readings.ts';

let made = 0;
function stopped(change: Partial<StoppedTask>): StoppedTask {
  made += 1;
  return {
    taskArn: `arn:aws:ecs:us-east-1:123456789012:task/shop/${made}`,
    taskDefinitionArn: taskDefinitionArn(2),
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    createdAt: T0,
    stoppedAt: T0 + 1_000,
    containers: [],
    ...change,
  };
}
const exited = (exitCode: number, name = 'app') => stopped({ containers: [{ name, exitCode }] });
const failed = (stoppedReason: string) => stopped({ stopCode: 'TaskFailedToStart', stoppedReason });
const missing = () => failed('CannotPullContainerError: manifest unknown');
const denied = () =>
  failed('ResourceInitializationError: unable to pull secrets: AccessDeniedException: not authorized');
const unhealthy = () =>
  stopped({ stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed ELB health checks in (tg)' });
const scaledIn = () =>
  stopped({ stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity initiated by (x)' });

describe('a hopeless deployment', () => {
  test.each<[string, StoppedTask[], string | undefined]>([
    ['no stopped task', [], undefined],
    ['one image that is not there', [missing()], 'image-not-found 1'],
    ['one refusal, which IAM may still mend', [denied()], undefined],
    ['two refusals', [denied(), denied()], 'secret-access-denied 2'],
    ['two equal exits', [exited(3), exited(3)], undefined],
    ['three equal exits', [exited(3), exited(3), exited(3)], 'same-exit 3'],
    ['three exits of different codes', [exited(3), exited(4), exited(5)], undefined],
    ['three exits of different containers', [exited(3), exited(3, 'b'), exited(3, 'c')], undefined],
    ['three ends without an error', [exited(0), exited(0), exited(0)], undefined],
    ['three failed health checks', [unhealthy(), unhealthy(), unhealthy()], 'same-health-check 3'],
    ['many tasks scaled in', [scaledIn(), scaledIn(), scaledIn(), scaledIn()], undefined],
  ])('%s', (_title, tasks, expected) => {
    const found = findHopeless(tasks, HOPELESS_RULES);
    expect(found && `${found.rule} ${found.count}`).toBe(expected);
  });

  test('stays hopeless when more tasks fail alike, and never is where all rules are off', () => {
    const task = fc.constantFrom(missing, denied, unhealthy, scaledIn, () => exited(3));
    fc.assert(
      fc.property(fc.array(task, { maxLength: 12 }), task, (makers, more) => {
        const tasks = makers.map((make) => make());
        if (findHopeless(tasks, HOPELESS_RULES)) {
          expect(findHopeless([...tasks, more()], HOPELESS_RULES)).toBeDefined();
        }
        expect(findHopeless(tasks, {})).toBeUndefined();
      }),
    );
  });
});

describe('the rules as a user writes them', () => {
  test('change the table where they name it', () => {
    const read = readHopelessRules('same-exit=5, image-not-found=off\nsecret-missing = 2');
    expect(read).toEqual({
      rules: { ...HOPELESS_RULES, 'same-exit': 5, 'image-not-found': 0, 'secret-missing': 2 },
    });
  });

  test('are all off by one word', () => {
    expect(readHopelessRules('off')).toEqual({ rules: {} });
  });

  test.each(['same-exit', 'same-exit=x', 'no-such-rule=1', 'toString=1', 'same-exit=-1'])(
    'refuse %s',
    (text) => {
      expect(readHopelessRules(`image-not-found=1, ${text}`)).toEqual({ fault: text });
    },
  );
});
