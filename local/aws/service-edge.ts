import { withFaults } from './faults/faulty-service.ts';
import type { FaultEdge } from './faults/with-faults.ts';
import type { CallLog } from './iam/call-log.ts';
import { withCallLog } from './iam/logged-service.ts';
import { withApiBuckets } from './limits/api-buckets.ts';
import type { AwsService } from './wire/service.ts';

/** What stands between a caller and a service. */
export type ServiceEdge = {
  /** Faults that are set strike first. */
  faults?: FaultEdge;
  /** Whether ECS's rate buckets count. */
  apiBuckets?: boolean;
  calls?: CallLog;
};

/** Puts call log, faults and rate buckets before a service, in this order; `name` is its signing name. */
export function withEdge(
  name: string,
  service: AwsService,
  { faults, apiBuckets, calls }: ServiceEdge,
): AwsService {
  const limited = apiBuckets && name === 'ecs' ? withApiBuckets(service) : service;
  const faulty = faults ? withFaults(name, limited, faults) : limited;
  return calls ? withCallLog(name, faulty, calls) : faulty;
}
