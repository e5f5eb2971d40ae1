import { AwsFault } from '../fault.ts';
import { bodyOf, isDone, jsonOf, type PassOn } from '../gateway/pass-on.ts';
import type { AwsService } from '../wire/service.ts';

const TARGET = 'secretsmanager';

/**
 * The rotation of a secret without a function: AWS leaves that to the service that manages the secret, as RDS does,
 * and refuses it for every other secret. No such service runs here, so that the rhythm is kept and the value stays.
 * What names a function is the back end's. By its `X-Amz-Target`.
 * Source: Secrets Manager API reference, "RotateSecret", and user guide, "Managed rotation" (read 2026-11).
 */
export function secretStandIns(passOn: PassOn): Readonly<Record<string, AwsService>> {
  return {
    async [`${TARGET}.RotateSecret`](request) {
      const asked = bodyOf(request);
      const left = ['Duration', 'ScheduleExpression'].find((name) => name in jsonOf(asked.RotationRules));
      if (left !== undefined) {
        const message = `The local AWS does not carry out RotationRules.${left} of RotateSecret; write AutomaticallyAfterDays.`;
        throw new AwsFault('UnsupportedParameter', message, 501);
      }
      if (asked.RotationLambdaARN !== undefined) return await passOn(request, asked);
      const describe = { ...request, target: `${TARGET}.DescribeSecret` };
      const answer = await passOn(describe, { SecretId: asked.SecretId });
      if (!isDone(answer)) return answer;
      const { OwningService, RotationLambdaARN } = jsonOf(JSON.parse(answer.body));
      if (RotationLambdaARN) return await passOn(request, asked);
      if (OwningService === undefined) throw new AwsFault('InvalidRequestException', NO_FUNCTION);
      return await passOn(request, { ...asked, RotateImmediately: false });
    },
  };
}

const NO_FUNCTION =
  "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.";
