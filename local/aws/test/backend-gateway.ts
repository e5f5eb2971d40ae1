import { AwsFault } from '../fault.ts';
import { type Gateway, type GatewayRooms, openGateway } from '../gateway/gateway.ts';

/** Opens a gateway before a back end, with these of our own services and nothing else of ours. */
export async function openBackendGateway(
  backend: string,
  own: Partial<GatewayRooms['services']> = {},
): Promise<Gateway> {
  const absent = async () => {
    throw new AwsFault('InternalFailure', 'not part of this test', 500);
  };
  const gateway = await openGateway({ port: 0 });
  gateway.serve({
    services: {
      ecs: absent,
      ecr: absent,
      elasticloadbalancing: absent,
      sts: absent,
      iam: absent,
      'application-autoscaling': absent,
      ...own,
    },
    registry: absent,
    taskEndpoints: absent,
    backend,
    contextOf: (scope) => {
      const accountId = scope?.accessKeyId ?? '123456789012';
      return { accountId, accessKeyId: accountId, region: scope?.region ?? 'us-east-1', now: Date.now() };
    },
    onBug: (what, error) => {
      throw new Error(`${what}: ${String(error)}`);
    },
  });
  return gateway;
}
