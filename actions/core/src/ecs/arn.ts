/** The last part of an ARN: `email-api` of `…:service/shop/email-api`, `email-api:12` of `…:task-definition/email-api:12`. */
export function lastPartOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** Cluster and service that a service deployment or service revision ARN names; `undefined` for other texts. */
export function tryServiceOf(
  arn: string,
): { region: string; cluster: string; serviceName: string } | undefined {
  const match =
    /^arn:[\w-]+:ecs:([\w-]+):\d{12}:service-(?:deployment|revision)\/([\w-]+)\/([\w-]+)\/[\w-]+$/.exec(arn);
  const [, region, cluster, serviceName] = match ?? [];
  return region && cluster && serviceName ? { region, cluster, serviceName } : undefined;
}

/** Family of `family:revision`, of a task definition's ARN, or the text itself. */
export function familyOf(taskDefinition: string): string {
  return lastPartOf(taskDefinition).replace(/:\d+$/, '');
}
