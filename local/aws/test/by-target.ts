import type { AwsService } from '../wire/service.ts';

/** One service that gives each call to the stand-in of its `X-Amz-Target`. */
export function byTarget(standIns: Readonly<Record<string, AwsService>>): AwsService {
  return async (request) => {
    const service = standIns[request.target ?? ''];
    if (!service) throw new Error(`Nothing stands in for ${request.target}.`);
    return service(request);
  };
}
