import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import {
  type ContainerDefinition,
  CreateServiceCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { SERVICES } from './caller.ts';
import type { Clients } from './clients.ts';
import { type Ground, required } from './ground.ts';

type ServiceName = (typeof SERVICES)[number];

/** Shortened so that a rehearsal shows in seconds what production shows in minutes; AWS's own minimum values. */
const HEALTH_TIMINGS = { interval: 5, timeout: 2, retries: 2, startPeriod: 5 };
const DRAIN_DELAY_MS = 1_000;

/**
 * A task definition template of the services with the rehearsal's resources filled in: queue, bucket, token
 * parameter, roles. `template` is the text of the service's task-definition.json.
 */
export function fillTemplate(
  template: string,
  name: ServiceName,
  ground: Ground,
): RegisterTaskDefinitionCommandInput {
  const document = JSON.parse(template) as RegisterTaskDefinitionCommandInput;
  const values: Record<string, string> = {
    SQS_QUEUE_URL: ground.queueUrl,
    SSM_TOKEN_PARAMETER: ground.tokenParameter,
    S3_BUCKET_NAME: ground.bucket,
    DRAIN_DELAY_MS: String(DRAIN_DELAY_MS),
  };
  const fill = (container: ContainerDefinition): ContainerDefinition => ({
    ...container,
    environment: container.environment?.map((entry) => ({
      ...entry,
      value: values[entry.name ?? ''] ?? entry.value,
    })),
    healthCheck: container.healthCheck && { ...container.healthCheck, ...HEALTH_TIMINGS },
    logConfiguration: container.logConfiguration && {
      ...container.logConfiguration,
      options: { ...container.logConfiguration.options, 'awslogs-create-group': 'true' },
    },
  });
  return {
    ...document,
    executionRoleArn: ground.taskRoles.execution,
    taskRoleArn: name === 'email-api' ? ground.taskRoles.api : ground.taskRoles.consumer,
    containerDefinitions: document.containerDefinitions?.map(fill),
  };
}

/** Publishes the templates to SSM, where the manifest says they are: Terraform's part in a real account. */
export async function publishTemplates(
  { ssm }: Clients,
  templates: Record<ServiceName, RegisterTaskDefinitionCommandInput>,
): Promise<void> {
  for (const name of SERVICES)
    await ssm.send(
      new PutParameterCommand({
        Name: `/prod/${name}/task-definition`,
        Type: 'String',
        Value: JSON.stringify(templates[name]),
      }),
    );
}

/** Creates both services on the digests that `only: build` left in SSM: Terraform's part in a real account. */
export async function createServices(
  clients: Clients,
  ground: Ground,
  templates: Record<ServiceName, RegisterTaskDefinitionCommandInput>,
): Promise<void> {
  for (const name of SERVICES) {
    const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: `/prod/${name}/image` }));
    const image = required(Parameter?.Value, `image of ${name}`);
    const template = templates[name];
    const { taskDefinition } = await clients.ecs.send(
      new RegisterTaskDefinitionCommand({
        ...template,
        containerDefinitions: template.containerDefinitions?.map((container) => ({ ...container, image })),
      }),
    );
    await clients.ecs.send(
      new CreateServiceCommand({
        cluster: ground.cluster,
        serviceName: name,
        taskDefinition: required(taskDefinition?.taskDefinitionArn, 'task definition'),
        desiredCount: name === 'email-api' ? 2 : 1,
        launchType: 'FARGATE',
        networkConfiguration: {
          awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-shop'] },
        },
        deploymentConfiguration: {
          minimumHealthyPercent: 100,
          maximumPercent: 200,
          deploymentCircuitBreaker: { enable: true, rollback: true },
        },
        ...(name === 'email-api'
          ? {
              loadBalancers: [
                { targetGroupArn: ground.targetGroupArn, containerName: name, containerPort: 8000 },
              ],
            }
          : {}),
      }),
    );
  }
}
