import { CreateClusterCommand, ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualEcs, type VirtualEcs } from '../../ecs/virtual-ecs.ts';
import type { Fault } from '../fault-rule.ts';

let virtual: VirtualEcs;
beforeEach(() => {
  virtual = createVirtualEcs();
});

const create = (clusterName = 'shop') => virtual.client.send(new CreateClusterCommand({ clusterName }));
const clusters = async () => (await virtual.client.send(new ListClustersCommand({}))).clusterArns?.length;
const once = (fault: Fault) => virtual.faults.add([{ operation: 'CreateCluster', count: 1, fault }]);

describe('in process, in virtual time', () => {
  test('latency passes on the clock before the call is done', async () => {
    once({ kind: 'latency', ms: 1500 });
    const before = virtual.clock.now();
    await create();
    expect(virtual.clock.now() - before).toBe(1500);
    await create('second');
    expect(virtual.clock.now() - before).toBe(1500);
  });

  test.each<[Fault, string, number]>([
    [{ kind: 'throttle' }, 'ThrottlingException', 400],
    [{ kind: 'error', status: 500 }, 'ServerException', 500],
    [{ kind: 'error', status: 503 }, 'ServiceUnavailable', 503],
    [{ kind: 'error', status: 502, code: 'Odd', message: 'odd' }, 'Odd', 502],
  ])('%j is an answer that did nothing', async (fault, name, httpStatusCode) => {
    once(fault);
    await expect(create()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(await clusters()).toBe(0);
    await create();
    expect(await clusters()).toBe(1);
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a reset %s the write leaves %i clusters', async (when, made) => {
    once({ kind: 'reset', when });
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await clusters()).toBe(made);
  });

  test('a clock that is off refuses the signature until the client has corrected itself', async () => {
    const skew = virtual.clock.now() - Date.now();
    const settings = {
      region: 'us-east-1',
      credentials: { accessKeyId: '123456789012', secretAccessKey: 'virtual' },
      requestHandler: virtual.requestHandler,
      systemClockOffset: skew,
    };
    virtual.faults.add([{ fault: { kind: 'clock-offset', ms: 3_600_000 } }]);
    const once = new ECSClient({ ...settings, maxAttempts: 1 });
    await expect(once.send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than /),
    });
    expect(Math.abs(once.config.systemClockOffset - skew - 3_600_000)).toBeLessThan(60_000);
    const twice = new ECSClient({ ...settings, maxAttempts: 2 });
    expect((await twice.send(new ListClustersCommand({}))).$metadata.attempts).toBe(2);
  });
});
