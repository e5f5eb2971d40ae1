import { type ContainerDefinition, type ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';

/** Registers the smallest task of Fargate with these containers and gives the ARN of its definition. */
export async function registerTaskDefinition(
  ecs: ECSClient,
  family: string,
  containerDefinitions: ContainerDefinition[],
): Promise<string> {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family, containerDefinitions },
      ...{ networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' },
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
}
