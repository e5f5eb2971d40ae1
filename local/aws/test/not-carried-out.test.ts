import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as sts from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { createVirtualEcs } from '../ecs/virtual-ecs.ts';
import { ECS_NOT_CARRIED_OUT, ELBV2_NOT_CARRIED_OUT, STS_NOT_CARRIED_OUT } from '../not-carried-out.ts';
import { operationsOf } from '../wire/operations.ts';

test.each<[string, object, Readonly<Record<string, readonly string[]>>]>([
  ['ECS', ecs, ECS_NOT_CARRIED_OUT],
  ['ELBv2', elb, ELBV2_NOT_CARRIED_OUT],
  ['STS', sts, STS_NOT_CARRIED_OUT],
])('what is not carried out of %s are parameters that AWS has', (_service, client, table) => {
  const operations = operationsOf(client);
  for (const [operation, parameters] of Object.entries(table)) {
    const input = operations.get(operation)?.input;
    const names = input?.isStructSchema() ? [...input.structIterator()].map(([name]) => name) : [];
    expect(names).toEqual(expect.arrayContaining([...parameters]));
  }
});

test('a service of virtual time refuses them too', async () => {
  const { client } = createVirtualEcs();
  await client.send(new ecs.CreateClusterCommand({ clusterName: 'shop' }));
  const listed = client.send(new ecs.ListTasksCommand({ cluster: 'shop', daemonName: 'logs' }));
  await expect(listed).rejects.toMatchObject({
    name: 'UnsupportedParameter',
    message: 'The local AWS does not carry out the parameter daemonName of ListTasks; leave it out.',
  });
});
