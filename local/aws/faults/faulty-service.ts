import type { AwsService } from '../wire/service.ts';
import { operationOf } from '../wire/service.ts';
import { answerWithFaults, type FaultEdge } from './with-faults.ts';

/**
 * Lets faults strike the calls to a service. `name` is the service's signing name. Rejects with
 * `ConnectionReset` where a caller is to get no answer.
 */
export function withFaults(name: string, service: AwsService, edge: FaultEdge): AwsService {
  return (request) => {
    const { target, signedAt, context } = request;
    const call = { service: name, operation: operationOf(request), target, signedAt, now: context.now };
    return answerWithFaults(edge, call, ({ staleMs }) =>
      service(staleMs === undefined ? request : { ...request, context: { ...context, staleMs } }),
    );
  };
}
