import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  type ContainerDefinition,
  ContinueServiceDeploymentCommand,
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHookAction,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type LoadBalancer,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
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
import { buildFronts, type Front } from './fronts.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'web-program.mjs'), 'utf8');
const POLL_MS = 50;
/**
 * A version whose program is not there. One that ends by itself would, on a busy machine, come to its end only when it
 * has been RUNNING, and such an end the circuit breaker does not count.
 */
export const BROKEN = 'broken';
const CLUSTER = 'shop';
const SERVICE = 'web';
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
const FARGATE: Pick<
  RegisterTaskDefinitionCommandInput,
  'networkMode' | 'requiresCompatibilities' | 'cpu' | 'memory'
> = { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' };

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
  async register(version: string): Promise<string> {
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: SERVICE,
        ...FARGATE,
        containerDefinitions: [
          {
            name: 'web',
            image: this.image,
            command: version === BROKEN ? ['/none'] : ['node', '--input-type=module', '-e', PROGRAM],
            environment: [{ name: 'VERSION', value: version }],
            portMappings: [{ containerPort: 8080 }],
            ...this.#container,
          },
        ],
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? '';
  }

  /** Updates the service to a new version and gives the ARN of the service deployment. */
  async deploy(version: string, deploymentConfiguration: DeploymentConfiguration): Promise<string> {
    const taskDefinition = await this.register(version);
    const before = new Set(await this.#deploymentArns());
    const update = { cluster: CLUSTER, service: SERVICE, taskDefinition, deploymentConfiguration };
    await this.ecs.send(new UpdateServiceCommand(update));
    return (await this.#deploymentArns()).find((arn) => !before.has(arn)) ?? '';
  }

  async read(serviceDeploymentArn: string): Promise<ServiceDeployment> {
    const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
    return (await this.ecs.send(command)).serviceDeployments?.[0] ?? {};
  }

  /** Waits until a service deployment looks as wanted; throws when it has ended without that. */
  async until(arn: string, isWanted: (deployment: ServiceDeployment) => boolean): Promise<ServiceDeployment> {
    for (;;) {
      const deployment = await this.read(arn);
      if (isWanted(deployment)) return deployment;
      if (deployment.finishedAt) throw new Error(`ended too early: ${JSON.stringify(deployment)}`);
      await delay(POLL_MS);
    }
  }

  /** Waits for the end of a service deployment. */
  ended(arn: string): Promise<ServiceDeployment> {
    return this.until(arn, ({ finishedAt }) => finishedAt !== undefined);
  }

  /** Waits until a service deployment waits at a PAUSE hook of a stage, and gives the hook's id. */
  async paused(arn: string, stage: string, shiftedPercent: number): Promise<string> {
    let hookId: string | undefined;
    await this.until(arn, ({ lifecycleStage, lifecycleHookDetails, targetServiceRevision }) => {
      const isThere =
        lifecycleStage === stage &&
        targetServiceRevision?.requestedProductionTrafficWeight === shiftedPercent;
      hookId = lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION')?.hookId;
      return isThere && hookId !== undefined;
    });
    return hookId ?? '';
  }

  async answerPause(
    serviceDeploymentArn: string,
    hookId: string,
    action: DeploymentLifecycleHookAction,
  ): Promise<void> {
    await this.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action }));
  }

  async rollBack(serviceDeploymentArn: string): Promise<void> {
    await this.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));
  }

  async weights({ ruleArn }: Front): Promise<Record<string, number | undefined>> {
    const { Rules } = await this.elb.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    const groups = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return Object.fromEntries(groups.map((one) => [one.TargetGroupArn ?? '', one.Weight]));
  }

  /** The address of a task, by which its target is known. */
  async addressOf(taskArn: string): Promise<string> {
    const [task] = await this.#describe([taskArn]);
    const details = task?.attachments?.[0]?.details ?? [];
    return details.find(({ name }) => name === 'privateIPv4Address')?.value ?? '';
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

  /** Runs one task of these containers outside services and gives its ARN. */
  async run(containerDefinitions: ContainerDefinition[]): Promise<string> {
    const taskDefinition = await this.#registerPlain('alone', containerDefinitions);
    const { tasks } = await this.ecs.send(
      new RunTaskCommand({ cluster: CLUSTER, taskDefinition, networkConfiguration: NETWORK }),
    );
    return tasks?.[0]?.taskArn ?? '';
  }

  /** Runs one task and gives what is told of it when it has STOPPED. */
  async runToEnd(containerDefinitions: ContainerDefinition[]): Promise<Task> {
    return this.stopped(await this.run(containerDefinitions));
  }

  async stop(task: string): Promise<void> {
    await this.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task }));
  }

  stopped(taskArn: string): Promise<Task> {
    return this.describeUntil(taskArn, ({ lastStatus }) => lastStatus === 'STOPPED');
  }

  async describeUntil(taskArn: string, isWanted: (task: Task) => boolean): Promise<Task> {
    for (;;) {
      const [task] = await this.#describe([taskArn]);
      if (task && isWanted(task)) return task;
      await delay(POLL_MS);
    }
  }

  /** The tasks of the service that are RUNNING and are to stay so. */
  async runningTasks(): Promise<Task[]> {
    const list = { cluster: CLUSTER, serviceName: SERVICE, desiredStatus: 'RUNNING' as const };
    const { taskArns = [] } = await this.ecs.send(new ListTasksCommand(list));
    return (await this.#describe(taskArns)).filter(({ lastStatus }) => lastStatus === 'RUNNING');
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

  /** Waits until so many tasks of a service have STOPPED as wanted. */
  async stoppedOf(serviceName: string, count: number, isWanted = (_: Task) => true): Promise<Task[]> {
    const list = { cluster: CLUSTER, serviceName, desiredStatus: 'STOPPED' as const };
    for (;;) {
      const { taskArns = [] } = await this.ecs.send(new ListTasksCommand(list));
      const stopped = (await this.#describe(taskArns)).filter((task) => task.stoppedAt && isWanted(task));
      if (stopped.length >= count) return stopped;
      await delay(POLL_MS);
    }
  }

  /** Creates a service of one task without a load balancer. */
  async createPlainService(serviceName: string, containerDefinitions: ContainerDefinition[]): Promise<void> {
    const taskDefinition = await this.#registerPlain(serviceName, containerDefinitions);
    const service = { cluster: CLUSTER, serviceName, taskDefinition, desiredCount: 1 };
    await this.ecs.send(new CreateServiceCommand({ ...service, networkConfiguration: NETWORK }));
  }

  async deleteService(service: string): Promise<void> {
    await this.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service, force: true }));
  }

  async #registerPlain(family: string, containerDefinitions: ContainerDefinition[]): Promise<string> {
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({ ...FARGATE, family, containerDefinitions }),
    );
    return taskDefinition?.taskDefinitionArn ?? '';
  }

  async #describe(tasks: string[]): Promise<Task[]> {
    if (tasks.length === 0) return [];
    return (await this.ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks }))).tasks ?? [];
  }

  async #deploymentArns(): Promise<string[]> {
    const list = new ListServiceDeploymentsCommand({ cluster: CLUSTER, service: SERVICE });
    const { serviceDeployments } = await this.ecs.send(list);
    return (serviceDeployments ?? []).map((one) => one.serviceDeploymentArn ?? '');
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
