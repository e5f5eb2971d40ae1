import type { ServiceName } from '../service-counts.ts';
import type { ScalingScope } from './state.ts';

/** The service of a resource id, `service/<cluster>/<service>`; `undefined` for anything else. */
export function tryServiceName(
  { accountId, region }: Pick<ScalingScope, 'accountId' | 'region'>,
  resourceId: string,
): ServiceName | undefined {
  const [kind, cluster, service, ...rest] = resourceId.split('/');
  const isService = kind === 'service' && cluster && service && rest.length === 0;
  return isService ? { accountId, region, cluster, service } : undefined;
}

/** The service of a target that has been registered. */
export function serviceNameOf(
  scope: Pick<ScalingScope, 'accountId' | 'region'>,
  resourceId: string,
): ServiceName {
  const name = tryServiceName(scope, resourceId);
  if (!name) throw new Error(`${resourceId} is no service of ECS.`);
  return name;
}
