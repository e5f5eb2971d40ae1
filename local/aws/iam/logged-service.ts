import { type AwsService, operationOf } from '../wire/service.ts';
import { type CallLog, errorCodeOfAnswer } from './call-log.ts';

/** Writes down every call to a service, in the order of their answers; `name` is its signing name. */
export function withCallLog(name: string, service: AwsService, log: CallLog): AwsService {
  return async (request) => {
    const call = { service: name, operation: operationOf(request) };
    try {
      const answer = await service(request);
      const errorCode = errorCodeOfAnswer(answer);
      log.record(
        { ...call, status: answer.status, ...(errorCode !== undefined && { errorCode }) },
        request.context,
      );
      return answer;
    } catch (error) {
      log.record({ ...call, status: 0 }, request.context);
      throw error;
    }
  };
}
