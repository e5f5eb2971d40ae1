/**
 * The local ECS and STS behind the gateway, on a free port of 127.0.0.1, with scripted tasks; IAM and rate
 * buckets are off. Prints the port and ends when standard input does. A process of its own, as moto's is.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createVirtualEcs } from '../../local/aws/ecs/virtual-ecs.ts';
import { openGateway } from '../../local/aws/gateway/gateway.ts';
import { driveLive } from '../../local/aws/live-driver.ts';
import { createOwnServices } from '../../local/aws/own-services.ts';
import { identifyCallers } from '../../local/aws/sts/callers.ts';
import { createCredentialStore } from '../../local/aws/sts/credentials.ts';
import { createSts } from '../../local/aws/sts/sts.ts';

const now = (): number => Date.now();
const onBug = (what: string, error: unknown) => console.error(what, error);
const absent = async (): Promise<never> => {
  throw new Error('This is no part of the bench.');
};

const credentials = createCredentialStore({ now, randomBytes, defaultAccountId: '123456789012' });
const iam = { readRole: absent, readProviderClientIds: absent };
const { ecs } = createVirtualEcs({ clock: { now, sleep: absent } });
driveLive(ecs, now, (error) => onBug('the ECS scheduler', error));
const { services } = createOwnServices({
  handlers: {
    ecs: ecs.handlers,
    ecr: {},
    elasticloadbalancing: {},
    sts: createSts({ credentials, iam, issuers: {} }).handlers,
  },
  ...{ credentials, iam, onBug },
  policies: { read: absent, readManaged: absent, forget() {} },
  sleep: (ms) => setTimeout(ms),
});
const gateway = await openGateway({ port: 0 });
gateway.serve({
  services,
  registry: absent,
  taskEndpoints: absent,
  backend: 'http://127.0.0.1:1',
  contextOf: identifyCallers(credentials, { region: 'us-east-1', now }),
  onBug,
});
process.stdin.resume().on('end', () => process.exit());
console.log(gateway.port);
