import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import { plain, present, type Shape, shape, shapes, text } from '../shape.ts';

/** Gives the actions of a listener or rule as ELBv2 takes them. */
export function actionsOf(blocks: Value | undefined): Shape[] {
  return (isList(blocks) ? blocks : []).filter(isObject).map((action, index) =>
    present({
      Type: action.type,
      Order: action.order ?? index + 1,
      TargetGroupArn: action.target_group_arn,
      ForwardConfig: forwardConfig(one(action.forward)),
      RedirectConfig: pascal(one(action.redirect), [
        'host',
        'path',
        'port',
        'protocol',
        'query',
        'status_code',
      ]),
      FixedResponseConfig: pascal(one(action.fixed_response), [
        'content_type',
        'message_body',
        'status_code',
      ]),
    }),
  );
}

/**
 * Gives actions as Terraform has them. AWS answers a forward to one group in two ways at once: the state keeps
 * the one that it has, the short one at first.
 */
export function actionBlocks(actions: unknown, state: Value | undefined): ObjectValue[] {
  const before = isList(state) ? state : [];
  return shapes(actions).map((action, index) => {
    const known = before[index];
    const hasForward = isObject(known) && one(known.forward) !== undefined;
    const groups = shapes(shape(action.ForwardConfig).TargetGroups);
    const isForward = text(action.Type) === 'forward' && (hasForward || groups.length > 1);
    return {
      type: plain(action.Type),
      order: plain(action.Order) ?? index + 1,
      target_group_arn: isForward ? null : plain(action.TargetGroupArn ?? groups[0]?.TargetGroupArn),
      forward: isForward
        ? [forwardBlock(shape(action.ForwardConfig), isObject(known) ? one(known.forward) : undefined)]
        : [],
      redirect: blocksOf(action.RedirectConfig, ['host', 'path', 'port', 'protocol', 'query', 'status_code']),
      fixed_response: blocksOf(action.FixedResponseConfig, ['content_type', 'message_body', 'status_code']),
      authenticate_cognito: [],
      authenticate_oidc: [],
      jwt_validation: [],
    };
  });
}

function forwardConfig(forward: ObjectValue | undefined): Shape | undefined {
  if (forward === undefined) return undefined;
  const groups = (isList(forward.target_group) ? forward.target_group : []).filter(isObject);
  const stickiness = one(forward.stickiness);
  return present({
    TargetGroups: groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight ?? 1 })),
    TargetGroupStickinessConfig: stickiness && {
      Enabled: stickiness.enabled === true,
      DurationSeconds: stickiness.duration,
    },
  });
}

function forwardBlock(config: Shape, known: ObjectValue | undefined): ObjectValue {
  const stickiness = shape(config.TargetGroupStickinessConfig);
  const isWritten = one(known?.stickiness) !== undefined || stickiness.Enabled === true;
  return {
    target_group: shapes(config.TargetGroups).map(({ TargetGroupArn, Weight }) => ({
      arn: plain(TargetGroupArn),
      weight: plain(Weight) ?? 1,
    })),
    stickiness: isWritten
      ? [{ enabled: stickiness.Enabled === true, duration: plain(stickiness.DurationSeconds) ?? 0 }]
      : [],
  };
}

function pascal(block: ObjectValue | undefined, names: readonly string[]): Shape | undefined {
  if (block === undefined) return undefined;
  return present(Object.fromEntries(names.map((name) => [pascalName(name), block[name]])));
}

function blocksOf(config: unknown, names: readonly string[]): ObjectValue[] {
  if (config === undefined) return [];
  return [Object.fromEntries(names.map((name) => [name, plain(shape(config)[pascalName(name)])]))];
}

function pascalName(name: string): string {
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** The block that is there at most once. */
function one(blocks: Value | undefined): ObjectValue | undefined {
  const [block] = isList(blocks) ? blocks : [];
  return isObject(block) ? block : undefined;
}
