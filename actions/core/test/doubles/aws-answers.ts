import nock from 'nock';

/** An answer in one of AWS's JSON protocols: a body for success, or an exception by name. */
export type AwsAnswer = object | { fault: string; message?: string };

/** One call as it went over the wire. */
export interface AwsCall {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/**
 * Answers the calls to one AWS service's JSON endpoint, by operation name, from `answers`: a function is asked each
 * time, with the call's input. A call that is not scripted fails. Gives the calls in their order.
 */
export function answerAws(
  endpoint: string,
  answers: Readonly<Record<string, (input: Record<string, unknown>) => AwsAnswer>>,
): AwsCall[] {
  const calls: AwsCall[] = [];
  nock(endpoint)
    .persist()
    .post('/')
    .reply(async (request: Request) => {
      const operation = (request.headers.get('x-amz-target') ?? '').split('.').at(-1) ?? '';
      const input = JSON.parse(await request.text()) as Record<string, unknown>;
      calls.push({ operation, input });
      const answer = answers[operation]?.(input) ?? { fault: 'NotScripted', message: operation };
      if (!('fault' in answer)) return [200, answer];
      return [400, { __type: answer.fault, message: 'message' in answer ? answer.message : '' }];
    });
  return calls;
}
