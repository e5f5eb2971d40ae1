import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';

/**
 * Ten services that start on two cores of a rehearsal take longer than each on its own; they are asked as often as ECS
 * lets one ask, so that the rehearsal waits less for what is well.
 */
const checking = { interval: 5, timeout: 10, startPeriod: 90 };

/**
 * A service's committed task definition with this environment's values, as Terraform fills it in an account: the same
 * names, ports and commands. A database is named by its URL here, for it has no certificate; `{schema}` in a value is
 * the role that the service's secret would name. Settings that the document does not have come from `added`.
 */
export function fillTaskDefinition(
  document: string,
  values: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>> = {},
): RegisterTaskDefinitionCommandInput {
  const template = JSON.parse(document) as RegisterTaskDefinitionCommandInput;
  return {
    ...template,
    containerDefinitions: template.containerDefinitions?.map((container) => ({
      ...container,
      environment: [
        ...(container.environment ?? []).map(({ name = '', value = '' }) =>
          name === 'DB_SECRET_ARN'
            ? { name: 'DATABASE_URL', value: values.DATABASE_URL?.replace('{schema}', roleOf(value)) }
            : { name, value: values[name] ?? value },
        ),
        ...Object.entries(added).map(([name, value]) => ({ name, value })),
      ],
      healthCheck: container.healthCheck && { ...container.healthCheck, ...checking },
      logConfiguration: container.logConfiguration && {
        ...container.logConfiguration,
        options: { ...container.logConfiguration.options, 'awslogs-create-group': 'true' },
      },
    })),
  };
}

/** The same on an image. */
export function withImage(
  definition: RegisterTaskDefinitionCommandInput,
  image: string,
): RegisterTaskDefinitionCommandInput {
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions?.map((container) => ({ ...container, image })),
  };
}

/** `orders` of `arn:aws:secretsmanager:…:secret:db/orders`. */
function roleOf(secretArn: string): string {
  return secretArn.split('/').at(-1) ?? '';
}
