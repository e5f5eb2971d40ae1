import { describe, expect, it } from '@jest/globals';
import { type Behaviour, createScriptedRuntime, scriptByImage } from '../../runtime/scripted-runtime.ts';
import type { TaskEvent, TaskLaunch } from '../../runtime/task-runtime.ts';

const HEALTH_CHECK = { command: ['CMD', '/node', 'check.js'] };

function launchOf(
  containers: { name: string; image?: string; healthCheck?: { command: string[] } }[],
): TaskLaunch {
  return {
    taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/shop/1',
    taskId: '1',
    accountId: '123456789012',
    region: 'us-east-1',
    clusterName: 'shop',
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop',
    privateIp: '10.0.0.4',
    taskDefinition: { containerDefinitions: containers },
    images: { web: 'web@sha256:abc' },
  };
}

function run(behaviour: Behaviour, launch = launchOf([{ name: 'web' }])) {
  const runtime = createScriptedRuntime(() => behaviour);
  const story: [number, TaskEvent][] = [];
  runtime.setReporter((_arn, event, at) => story.push([at, event]));
  runtime.start(launch);
  return { runtime, story, launch };
}

describe('the scripted runtime', () => {
  it('starts a container when the script says, by the digest it was given', () => {
    const { runtime, story } = run({ startsAfterMs: 300 });
    expect(runtime.nextDueAt()).toBe(300);
    runtime.advance(299);
    expect(story).toEqual([]);
    runtime.advance(1000);
    const started = {
      kind: 'container-started',
      container: 'web',
      runtimeId: '1-web',
      imageDigest: 'sha256:abc',
    };
    expect(story).toEqual([[300, started]]);
  });

  it('reports an exit with its code and reason at its moment', () => {
    const { runtime, story } = run({
      startsAfterMs: 0,
      exits: { afterMs: 50, code: 137, reason: 'OutOfMemoryError' },
    });
    runtime.advance(1000);
    const exited = { kind: 'container-exited', container: 'web', exitCode: 137, reason: 'OutOfMemoryError' };
    expect(story.at(-1)).toEqual([50, exited]);
  });

  it('reports a failed start instead of a start', () => {
    const reason = 'CannotPullContainerError: not found';
    const { runtime, story } = run({ startsAfterMs: 10, failsToStart: reason });
    runtime.advance(1000);
    expect(story).toEqual([[10, { kind: 'start-failed', container: 'web', reason }]]);
  });

  it('reports health only for a container that has a health check', () => {
    const health = [{ afterMs: 5, status: 'UNHEALTHY' as const }];
    const plain = run({ startsAfterMs: 0, health });
    plain.runtime.advance(100);
    expect(plain.story.map(([, { kind }]) => kind)).toEqual(['container-started']);
    const checked = run({ startsAfterMs: 0, health }, launchOf([{ name: 'web', healthCheck: HEALTH_CHECK }]));
    checked.runtime.advance(100);
    expect(checked.story.at(-1)).toEqual([
      5,
      { kind: 'container-health', container: 'web', status: 'UNHEALTHY' },
    ]);
  });

  it('ends every running container and then the task when it is stopped, once', () => {
    const { runtime, story, launch } = run({
      startsAfterMs: 0,
      stopsAfterMs: 70,
      exits: { afterMs: 500, code: 1 },
    });
    runtime.advance(10);
    runtime.stop(launch.taskArn);
    runtime.stop(launch.taskArn);
    runtime.advance(1000);
    expect(story.slice(1)).toEqual([
      [80, { kind: 'container-exited', container: 'web', exitCode: 0 }],
      [80, { kind: 'stopped' }],
    ]);
    expect(runtime.nextDueAt()).toBeUndefined();
  });

  it('ends a task that is stopped before its containers started without starting them', () => {
    const { runtime, story, launch } = run({ startsAfterMs: 500 });
    runtime.stop(launch.taskArn);
    runtime.advance(1000);
    expect(story).toEqual([[0, { kind: 'stopped' }]]);
  });

  it('takes behaviour by a part of the image, and lets other images go well', () => {
    const script = scriptByImage({ 'web:2': { startsAfterMs: 7 }, 'told:2': 'pulls in 3 s' });
    const launch = launchOf([
      { name: 'web', image: 'registry/web:2' },
      { name: 'told', image: 'told:2' },
      { name: 'side', image: 'side:2' },
    ]);
    expect(script(launch, 'web')).toEqual({ startsAfterMs: 7 });
    expect(script(launch, 'told')).toEqual({ startsAfterMs: 3000 });
    expect(script(launch, 'side')).toEqual({});
  });
});
