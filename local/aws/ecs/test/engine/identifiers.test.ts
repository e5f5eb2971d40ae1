import { describe, expect, it } from '@jest/globals';
import * as make from '../../engine/identifiers.ts';
import { createSeededRandom } from '../../virtual-ecs.ts';

describe('identifiers', () => {
  it.each([
    ['a task id', make.newTaskId, /^[0-9a-f]{32}$/],
    ['a deployment id', make.newDeploymentId, /^ecs-svc\/[1-9]\d{18}$/],
    ['a service revision id', make.newRevisionId, /^[1-9]\d{18}$/],
    ['a service deployment id', make.newServiceDeploymentId, /^[\w-]{21}$/],
    ['a uuid', make.newUuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ])('%s has the form of AWS and differs from the next', (_name, newId, form) => {
    const random = createSeededRandom();
    const ids = [newId(random), newId(random)];
    for (const id of ids) expect(id).toMatch(form);
    expect(new Set(ids).size).toBe(2);
  });

  it('give each of many tasks its own usable address', () => {
    const addresses = Array.from({ length: 70_000 }, (_, n) => make.privateAddress(n));
    expect(new Set(addresses).size).toBe(70_000);
    expect([addresses[0], addresses[250], addresses[251], addresses[64_256]]).toEqual([
      '10.0.0.4',
      '10.0.0.254',
      '10.0.1.4',
      '10.1.0.4',
    ]);
  });
});
