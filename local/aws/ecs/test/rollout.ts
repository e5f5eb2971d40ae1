import {
  CreateClusterCommand,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type Service,
  type ServiceDeployment,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { createVirtualEcs, type VirtualEcs, type VirtualEcsOptions } from '../virtual-ecs.ts';

export const TARGET_GROUP =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';

export const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

/** Where nothing is due, somebody else has to act. */
const IDLE_STEP_MS = 500;

/** One service `web` in cluster `shop`, driven through the real client in virtual time. */
export interface Rollout extends VirtualEcs {
  /** Registers the next revision of family `web` with that image and gives its ARN. */
  register(image: string, extra?: Partial<RegisterTaskDefinitionCommandInput>): Promise<string>;
  create(input?: Partial<CreateServiceCommandInput>): Promise<Service>;
  update(input: Partial<UpdateServiceCommandInput>): Promise<Service>;
  service(): Promise<Service>;
  /** The newest service deployment. */
  newest(): Promise<ServiceDeployment>;
  deployments(): Promise<ServiceDeployment[]>;
  /** Lets time pass to the next moment at which something happens by itself; nothing to be seen lies between. */
  onward(): Promise<void>;
  /** Lets time pass until the newest service deployment has ended, and gives it. */
  ended(): Promise<ServiceDeployment>;
  /** Lets `ms` pass, call by call in steps of `stepMs`, until `isDone`; gives the time it took. */
  until(isDone: (service: Service) => boolean, limitMs?: number, stepMs?: number): Promise<number>;
}

export async function startRollout(options: VirtualEcsOptions = {}): Promise<Rollout> {
  const virtual = createVirtualEcs(options);
  const { client, clock } = virtual;
  virtual.targetGroups.create(TARGET_GROUP);
  await client.send(new CreateClusterCommand({ clusterName: 'shop' }));

  async function service(): Promise<Service> {
    const described = await client.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
    const [found] = described.services ?? [];
    if (found === undefined) throw new Error('There is no service web.');
    return found;
  }

  async function deployments(): Promise<ServiceDeployment[]> {
    const listed = await client.send(new ListServiceDeploymentsCommand({ cluster: 'shop', service: 'web' }));
    const arns = (listed.serviceDeployments ?? []).map(
      ({ serviceDeploymentArn = '' }) => serviceDeploymentArn,
    );
    const described = await client.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns }),
    );
    return described.serviceDeployments ?? [];
  }

  async function onward(): Promise<void> {
    const dueAt = virtual.ecs.nextDueAt() ?? clock.now() + IDLE_STEP_MS;
    await clock.sleep(Math.max(1, dueAt - clock.now()));
  }

  return {
    ...virtual,
    service,
    deployments,
    onward,
    async register(image, extra = {}) {
      const { taskDefinition } = await client.send(
        new RegisterTaskDefinitionCommand({
          family: 'web',
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          cpu: '256',
          memory: '512',
          containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8000 }] }],
          ...extra,
        }),
      );
      return taskDefinition?.taskDefinitionArn ?? '';
    },
    async create(input = {}) {
      const created = await client.send(
        new CreateServiceCommand({
          cluster: 'shop',
          serviceName: 'web',
          taskDefinition: 'web',
          desiredCount: 2,
          networkConfiguration: NETWORK,
          ...input,
        }),
      );
      return created.service ?? {};
    },
    async update(input) {
      const updated = await client.send(
        new UpdateServiceCommand({ cluster: 'shop', service: 'web', ...input }),
      );
      return updated.service ?? {};
    },
    async newest() {
      const [first] = await deployments();
      if (first === undefined) throw new Error('There is no service deployment.');
      return first;
    },
    async ended() {
      for (let call = 0; call < 20_000; call++, await onward()) {
        const [newest] = await deployments();
        if (newest?.finishedAt !== undefined) return newest;
      }
      throw new Error('The service deployment does not end.');
    },
    async until(isDone, limitMs = 3_600_000, stepMs = 500) {
      const startedAt = clock.now();
      for (; clock.now() - startedAt <= limitMs; await clock.sleep(stepMs)) {
        if (isDone(await service())) return clock.now() - startedAt;
      }
      throw new Error(`Not done after ${limitMs} ms: ${JSON.stringify(await service(), null, 1)}`);
    },
  };
}

/** `services-stable`: one deployment, and as many tasks running as desired. */
export const isStable = (service: Service): boolean =>
  service.deployments?.length === 1 && service.runningCount === service.desiredCount;

/** Messages of the service's events, oldest first. */
export const messages = (service: Service): string[] =>
  (service.events ?? []).map(({ message = '' }) => message).reverse();
