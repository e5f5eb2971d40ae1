import { describe, expect, test } from '@jest/globals';
import { decideRollbackMeans, type MeansQuestion } from '../../src/decide/rollback-means.ts';
import { deploymentArn, T0, taskDefinitionArn } from './readings.ts';

/** Newest first: `id status task-definition-number`. */
const history = (...entries: string[]) =>
  entries.map((text, i) => {
    const [id = '', status = '', n] = text.split(' ');
    const entry = { serviceDeploymentArn: deploymentArn(id), status, createdAt: T0 - i };
    return n === undefined ? entry : { ...entry, taskDefinitionArn: taskDefinitionArn(Number(n)) };
  });
const ours = { serviceDeploymentArn: deploymentArn('ours'), changed: true };
const goal = { goalTaskDefinitionArn: taskDefinitionArn(1) };

function means(change: Partial<MeansQuestion>): string {
  const chosen = decideRollbackMeans({ history: [], named: false, ...change });
  return 'serviceDeploymentArn' in chosen
    ? `${chosen.kind} ${chosen.serviceDeploymentArn.split('/').at(-1)}`
    : chosen.kind;
}

describe('the means of a rollback', () => {
  test.each<[string, Partial<MeansQuestion>, string]>([
    [
      'somebody else has rolled back already: only report',
      { ours, ...goal, history: history('theirs SUCCESSFUL 1', 'ours SUCCESSFUL 2') },
      'follow theirs',
    ],
    [
      'somebody else has deployed something else: leave it alone',
      { ours, ...goal, history: history('theirs SUCCESSFUL 3', 'ours SUCCESSFUL 2') },
      'superseded theirs',
    ],
    [
      'a person asks again after the rollback: go further',
      { ...goal, history: history('a SUCCESSFUL 1', 'b SUCCESSFUL 2') },
      'choose',
    ],
    ['our deployment under way: stop it', { ours, history: history('ours IN_PROGRESS') }, 'stop ours'],
    ['our deployment about to begin: stop it', { ours, history: history('ours PENDING') }, 'stop ours'],
    [
      'our deployment being stopped: follow',
      { ours, history: history('ours STOP_REQUESTED') },
      'follow ours',
    ],
    [
      'our deployment asked to roll back: follow',
      { ours, history: history('ours ROLLBACK_REQUESTED') },
      'follow ours',
    ],
    [
      'our deployment rolling back: follow',
      { ours, history: history('ours ROLLBACK_IN_PROGRESS') },
      'follow ours',
    ],
    [
      'our deployment rolled back: only report',
      { ours, history: history('ours ROLLBACK_SUCCESSFUL') },
      'follow ours',
    ],
    [
      'our deployment succeeded, and is bad: choose',
      { ours, history: history('ours SUCCESSFUL', 'old SUCCESSFUL') },
      'choose',
    ],
    [
      'our deployment stopped: choose',
      { ours, history: history('ours STOPPED', 'old SUCCESSFUL') },
      'choose',
    ],
    ['our rollback failed: choose', { ours, history: history('ours ROLLBACK_FAILED') }, 'choose'],
    [
      'somebody else deployed since: leave it alone',
      { ours, history: history('theirs IN_PROGRESS', 'ours STOPPED') },
      'superseded theirs',
    ],
    [
      'somebody else rolls back already: follow',
      { ours, ...goal, history: history('theirs IN_PROGRESS 1', 'ours SUCCESSFUL 2') },
      'follow theirs',
    ],
    [
      'we changed nothing: nothing',
      { ours: { serviceDeploymentArn: null, changed: false }, history: history('old SUCCESSFUL') },
      'nothing',
    ],
    [
      'our deployment was never seen: choose',
      { ours: { serviceDeploymentArn: null, changed: true }, history: history('old SUCCESSFUL') },
      'choose',
    ],
    ['a person asks, nothing runs: choose', { history: history('a SUCCESSFUL', 'b SUCCESSFUL') }, 'choose'],
    [
      'a person asks, one is under way: stop it',
      { history: history('a IN_PROGRESS', 'b SUCCESSFUL') },
      'stop a',
    ],
    [
      'a person asks again while the rollback runs: follow',
      { ...goal, history: history('a IN_PROGRESS 1', 'b SUCCESSFUL 2') },
      'follow a',
    ],
    [
      'a person asks while ECS rolls back: follow',
      { history: history('a ROLLBACK_IN_PROGRESS', 'b SUCCESSFUL') },
      'follow a',
    ],
    [
      'a person asks after ECS has gone back: only report',
      { history: history('a ROLLBACK_SUCCESSFUL', 'b SUCCESSFUL') },
      'follow a',
    ],
    [
      'a person names a revision after ECS has gone back: choose',
      { named: true, history: history('a ROLLBACK_SUCCESSFUL', 'b SUCCESSFUL') },
      'choose',
    ],
    ['a service without any deployment: choose', {}, 'choose'],
  ])('%s', (_title, change, expected) => {
    expect(means(change)).toBe(expected);
  });
});
