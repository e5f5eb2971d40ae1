import { setTimeout as delay } from 'node:timers/promises';
import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHookAction,
  DescribeServiceDeploymentsCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';

const POLL_MS = 50;

/** The service deployments of one service. */
export class Deployments {
  readonly #ecs: ECSClient;
  readonly #at: { cluster: string; service: string };

  constructor(ecs: ECSClient, at: { cluster: string; service: string }) {
    this.#ecs = ecs;
    this.#at = at;
  }

  /** Updates the service to a task definition and gives the ARN of the service deployment. */
  async start(taskDefinition: string, deploymentConfiguration: DeploymentConfiguration): Promise<string> {
    const before = new Set(await this.#arns());
    await this.#ecs.send(new UpdateServiceCommand({ ...this.#at, taskDefinition, deploymentConfiguration }));
    return (await this.#arns()).find((arn) => !before.has(arn)) ?? '';
  }

  async read(serviceDeploymentArn: string): Promise<ServiceDeployment> {
    const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
    return (await this.#ecs.send(command)).serviceDeployments?.[0] ?? {};
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
    await this.#ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action }));
  }

  async rollBack(serviceDeploymentArn: string): Promise<void> {
    await this.#ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));
  }

  async #arns(): Promise<string[]> {
    const { serviceDeployments } = await this.#ecs.send(new ListServiceDeploymentsCommand(this.#at));
    return (serviceDeployments ?? []).map((one) => one.serviceDeploymentArn ?? '');
  }
}
