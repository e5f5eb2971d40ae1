import type {
  Action,
  FixedResponseActionConfig,
  TargetGroupStickinessConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { forwardTargets, loadBalancersUsing, type RegionRecord } from '../records.ts';
import { readRedirect } from './redirect-action.ts';
import { assertBounds, assertOneOf, notOffered, present, validationError } from './validation.ts';

const types = [
  'forward',
  'authenticate-oidc',
  'authenticate-cognito',
  'redirect',
  'fixed-response',
  'jwt-validation',
];
const contentTypes = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];

/**
 * Checks the actions of a listener or rule and gives them as AWS shows them: a forward action has its
 * `ForwardConfig` in full, and `TargetGroupArn` too when it names one group only.
 */
export function readActions(region: RegionRecord, loadBalancerArn: string, actions: Action[]): Action[] {
  if (actions.length !== 1) {
    throw validationError(
      actions.length === 0
        ? 'An action must be specified'
        : "You must specify exactly one action of type 'forward', 'fixed-response' or 'redirect'",
    );
  }
  return actions.map((action, index) => readAction(region, loadBalancerArn, action, index + 1));
}

function readAction(region: RegionRecord, loadBalancerArn: string, action: Action, index: number): Action {
  const type = present(action.Type, `actions.${index}.member.type`);
  assertOneOf(type, `actions.${index}.member.type`, types);
  if (type === 'fixed-response') return readFixedResponse(action.FixedResponseConfig, index);
  if (type === 'forward') return readForward(region, loadBalancerArn, action);
  if (type === 'redirect') return readRedirect(action.RedirectConfig, index);
  throw notOffered(`Action type '${type}'`, "use 'forward', 'redirect' or 'fixed-response'");
}

function readFixedResponse(config: FixedResponseActionConfig | undefined, index: number): Action {
  const path = `actions.${index}.member.fixedResponseConfig`;
  const status = present(present(config, path).StatusCode, `${path}.statusCode`);
  if (!/^(2|4|5)\d\d$/.test(status)) {
    throw validationError(
      `1 validation error detected: Value '${status}' at '${path}.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(2|4|5)\\d\\d$`,
    );
  }
  const contentType = config?.ContentType;
  if (contentType !== undefined && !contentTypes.includes(contentType)) {
    throw new AwsFault(
      'InvalidLoadBalancerAction',
      `The ContentType must be one of: ${contentTypes.map((type) => `'${type}'`).join(', ')}`,
    );
  }
  if ((config?.MessageBody ?? '').length > 1024) {
    throw validationError("The message body of a fixed response cannot be longer than '1024' characters");
  }
  return { Type: 'fixed-response', Order: 1, FixedResponseConfig: config };
}

function readForward(region: RegionRecord, loadBalancerArn: string, action: Action): Action {
  const targets = forwardTargets(action);
  if (targets.length === 0) throw validationError('A target group ARN must be specified');
  if (targets.length > 5) {
    throw new AwsFault('TooManyUniqueTargetGroups', "An action can forward to at most '5' target groups");
  }
  for (const { arn, weight } of targets) {
    if (!Number.isInteger(weight)) throw validationError(`Weight '${weight}' must be a whole number`);
    assertBounds(weight, 'actions.1.member.forwardConfig.targetGroups.1.member.weight', [0, 999]);
    assertUsable(region, loadBalancerArn, arn);
  }
  const tuples = targets.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight }));
  return {
    Type: 'forward',
    Order: 1,
    ...(targets.length === 1 ? { TargetGroupArn: targets[0]?.arn } : {}),
    ForwardConfig: { TargetGroups: tuples, TargetGroupStickinessConfig: stickinessOf(action) },
  };
}

function stickinessOf({ ForwardConfig }: Action): TargetGroupStickinessConfig {
  const { Enabled = false, DurationSeconds } = ForwardConfig?.TargetGroupStickinessConfig ?? {};
  const path = 'actions.1.member.forwardConfig.targetGroupStickinessConfig.durationSeconds';
  if (DurationSeconds !== undefined) assertBounds(DurationSeconds, path, [1, 604_800]);
  if (Enabled) present(DurationSeconds, path);
  return { Enabled, ...(DurationSeconds === undefined ? {} : { DurationSeconds }) };
}

function assertUsable(region: RegionRecord, loadBalancerArn: string, arn: string): void {
  if (!region.targetGroups.has(arn)) {
    throw new AwsFault('TargetGroupNotFound', `Target group '${arn}' not found`);
  }
  if (loadBalancersUsing(region, arn).some((user) => user !== loadBalancerArn)) {
    throw new AwsFault(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${arn}`,
    );
  }
}
