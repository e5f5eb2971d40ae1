import type { RequestContext } from '../wire/service.ts';

/** A service by the names of its cluster and itself, and its ARN. */
export type ServicePlace = { cluster: string; service: string; arn: string };

/** The last part of an ARN, or the name itself. */
export const lastOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

/** Of names or ARNs as a call gives them; the cluster `default` where none is given. */
export function servicePlace(
  cluster = 'default',
  service = '',
  { accountId, region }: Pick<RequestContext, 'accountId' | 'region'>,
): ServicePlace {
  const [clusterName, name] = [lastOf(cluster), lastOf(service)];
  return {
    cluster: clusterName,
    service: name,
    arn: `arn:aws:ecs:${region}:${accountId}:service/${clusterName}/${name}`,
  };
}

/** Of the ARN of a service deployment, `…:service-deployment/<cluster>/<service>/<id>`. */
export function serviceOfArn(serviceDeploymentArn = ''): ServicePlace {
  const [, , , region = '', accountId = '', resource = ''] = serviceDeploymentArn.split(':');
  const [, cluster = '', service = ''] = resource.split('/');
  return servicePlace(cluster, service, { accountId, region });
}
