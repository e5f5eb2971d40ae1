import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  type ContainerDefinition,
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  type DeploymentConfiguration,
  DescribeServicesCommand,
  ECSClient,
  type LoadBalancer,
  type Task,
} from '@aws-sdk/client-ecs';
import {
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ensureBaseImage } from '../../../machine/base-image.ts';
import { connectDocker } from '../../../machine/docker-client.ts';
import type { LocalAwsOptions } from '../../local-aws.ts';
import { type RunningAws, runLocalAws } from '../running-aws.ts';
import { Deployments } from './deployments.ts';
import { buildFronts, type Front } from './fronts.ts';
import { registerTaskDefinition } from './task-definition.ts';
import { NETWORK, Tasks } from './tasks.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'web-program.mjs'), 'utf8');
const POLL_MS = 50;
/**
 * A version whose program is not there. One that ends by itself would, on a busy machine, come to its end only when it
 * has been RUNNING, and such an end the circuit breaker does not count.
 */
export const BROKEN = 'broken';
const CLUSTER = 'shop';
const SERVICE = 'web';

export interface ShopOptions extends LocalAwsOptions {
  desiredCount?: number;
  /** Before the time scale. */
  deregistrationDelaySeconds?: number;
  /** Added to the container of every version. */
  container?: Partial<ContainerDefinition>;
}

/**
 * A service on real containers behind a load balancer with a production and a test listener and two target
 * groups, worked by unmodified SDK clients only.
 */
export class Shop {
  readonly aws: RunningAws;
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly deployments: Deployments;
  readonly tasks: Tasks;
  blue = '';
  green = '';
  production: Front = { url: '', ruleArn: '' };
  test: Front = { url: '', ruleArn: '' };
  image = '';
  readonly #container: Partial<ContainerDefinition>;

  private constructor(aws: RunningAws, container: Partial<ContainerDefinition>) {
    this.aws = aws;
    this.#container = container;
    this.ecs = new ECSClient(aws.client());
    this.elb = new ElasticLoadBalancingV2Client(aws.client());
    this.deployments = new Deployments(this.ecs, { cluster: CLUSTER, service: SERVICE });
    this.tasks = new Tasks(this.ecs, CLUSTER);
  }

  /** Starts a local AWS and brings the service to steady state on version `v1`. */
  static async open(options: ShopOptions = {}): Promise<Shop> {
    const { desiredCount = 2, deregistrationDelaySeconds = 120, container = {}, ...rest } = options;
    const shop = new Shop(await runLocalAws(rest), container);
    try {
      await shop.#pushImage();
      Object.assign(shop, await buildFronts(shop.elb, deregistrationDelaySeconds));
      await shop.#createService(desiredCount);
    } catch (error) {
      await shop.close();
      throw error;
    }
    return shop;
  }

  async close(): Promise<void> {
    await this.aws.docker(`rmi --force ${this.image}`);
    await this.aws.stop();
  }

  /** Registers a version of the service and gives the ARN of its task definition. */
  register(version: string): Promise<string> {
    return registerTaskDefinition(this.ecs, SERVICE, [
      {
        name: 'web',
        image: this.image,
        command: version === BROKEN ? ['/none'] : ['node', '--input-type=module', '-e', PROGRAM],
        environment: [{ name: 'VERSION', value: version }],
        portMappings: [{ containerPort: 8080 }],
        ...this.#container,
      },
    ]);
  }

  /** Updates the service to a new version and gives the ARN of the service deployment. */
  async deploy(version: string, configuration: DeploymentConfiguration): Promise<string> {
    return this.deployments.start(await this.register(version), configuration);
  }

  async weights({ ruleArn }: Front): Promise<Record<string, number | undefined>> {
    const { Rules } = await this.elb.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    const groups = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return Object.fromEntries(groups.map((one) => [one.TargetGroupArn ?? '', one.Weight]));
  }

  /** State of the target with that address in the target group where it is; `gone` in neither. */
  async targetState(address: string): Promise<string> {
    const states = await Promise.all(
      [this.blue, this.green].map(async (TargetGroupArn) => {
        const health = await this.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
        return health.TargetHealthDescriptions?.find(({ Target }) => Target?.Id === address)?.TargetHealth;
      }),
    );
    return states.find((one) => one !== undefined)?.State ?? 'gone';
  }

  async untilTargetIs(address: string, state: string): Promise<void> {
    while ((await this.targetState(address)) !== state) await delay(POLL_MS);
  }

  /** The tasks of the service that are RUNNING and are to stay so. */
  runningTasks(): Promise<Task[]> {
    return this.tasks.runningOf(SERVICE);
  }

  /** Waits until so many tasks of the service are RUNNING, and gives their ARNs. */
  async untilRunning(count: number): Promise<(string | undefined)[]> {
    for (;;) {
      const tasks = await this.runningTasks();
      if (tasks.length === count) return tasks.map(({ taskArn }) => taskArn);
      await delay(POLL_MS);
    }
  }

  /** Waits until a request through the production listener is answered. */
  async untilServing(): Promise<void> {
    while ((await fetch(this.production.url)).status !== 200) await delay(POLL_MS);
  }

  /** Creates a service of one task without a load balancer. */
  async createPlainService(serviceName: string, containerDefinitions: ContainerDefinition[]): Promise<void> {
    const taskDefinition = await registerTaskDefinition(this.ecs, serviceName, containerDefinitions);
    const service = { cluster: CLUSTER, serviceName, taskDefinition, desiredCount: 1 };
    await this.ecs.send(new CreateServiceCommand({ ...service, networkConfiguration: NETWORK }));
  }

  async deleteService(service: string): Promise<void> {
    await this.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service, force: true }));
  }

  async #pushImage(): Promise<void> {
    const base = await ensureBaseImage(connectDocker(this.aws.dockerHost));
    this.image = `${this.aws.registry}/web:node`;
    await new ECRClient(this.aws.client()).send(new CreateRepositoryCommand({ repositoryName: 'web' }));
    await this.aws.login();
    for (const line of [`tag ${base} ${this.image}`, `push --quiet ${this.image}`]) {
      const { code, stderr } = await this.aws.docker(line);
      if (code !== 0) throw new Error(`docker ${line}: ${stderr}`);
    }
  }

  async #createService(desiredCount: number): Promise<void> {
    await this.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const crossing: LoadBalancer = {
      targetGroupArn: this.blue,
      containerName: 'web',
      containerPort: 8080,
      advancedConfiguration: {
        alternateTargetGroupArn: this.green,
        productionListenerRule: this.production.ruleArn,
        testListenerRule: this.test.ruleArn,
        roleArn: 'arn:aws:iam::123456789012:role/balancers',
      },
    };
    await this.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName: SERVICE,
        taskDefinition: await this.register('v1'),
        desiredCount,
        launchType: 'FARGATE',
        networkConfiguration: NETWORK,
        loadBalancers: [crossing],
      }),
    );
    const describe = new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] });
    const isSteady = async () =>
      (await this.ecs.send(describe)).services?.[0]?.deployments?.[0]?.rolloutState === 'COMPLETED';
    while (!(await isSteady())) await delay(POLL_MS);
  }
}
