import type { ObjectValue, Value } from '../../protocol/value.ts';
import type { At, Known, Rows, Step } from '../row.ts';
import { first, plain, present, type Shape, shapes, text } from '../shape.ts';
import { allTags, tagList } from '../tags.ts';
import { actionBlocks, actionsOf } from './elbv2-actions.ts';
import { arnOf, attributeState, attributesOf, readAttributes, tags } from './elbv2-attributes.ts';
import { conditionBlocks, conditionsOf } from './elbv2-conditions.ts';

/** Listeners and their rules. */
export const listenerRows: Rows = {
  aws_lb_listener: {
    service: 'elbv2',
    create: [
      {
        command: 'CreateListener',
        input: (value) => ({
          ...listenerSettings(value),
          LoadBalancerArn: value.load_balancer_arn,
          Tags: tagList(allTags(value)),
        }),
        result: ({ Listeners }) => arnOf(first(Listeners)?.ListenerArn),
      },
      writeListenerAttributes(),
    ],
    read: [
      {
        command: 'DescribeListeners',
        input: ({ id }) => ({ ListenerArns: [id] }),
        state: ({ Listeners }, state) => listenerState(first(Listeners), state),
      },
      readAttributes('Listener', (found, { block }) => attributeState(found, listenerNames(block), block)),
    ],
    update: [
      {
        command: 'ModifyListener',
        input: (value) => ({ ...listenerSettings(value), ListenerArn: value.id }),
      },
      writeListenerAttributes(),
    ],
    delete: [{ command: 'DeleteListener', input: ({ id }) => ({ ListenerArn: id }) }],
    tags,
    import: arnOf,
  },
  aws_lb_listener_rule: {
    service: 'elbv2',
    create: [
      {
        command: 'DescribeRules',
        when: ({ priority }) => priority === null,
        input: ({ listener_arn: arn }) => ({ ListenerArn: arn }),
        result: ({ Rules }) => ({ priority: nextPriority(Rules) }),
      },
      {
        command: 'CreateRule',
        input: (value) => ({
          ...ruleSettings(value),
          ListenerArn: value.listener_arn,
          Priority: value.priority,
          Tags: tagList(allTags(value)),
        }),
        result: ({ Rules }) => arnOf(first(Rules)?.RuleArn),
      },
    ],
    read: [
      {
        command: 'DescribeRules',
        input: ({ id }) => ({ RuleArns: [id] }),
        state: ({ Rules }, state) => {
          const rule = first(Rules);
          if (rule === undefined) return null;
          return {
            ...arnOf(rule.RuleArn),
            listener_arn: text(rule.RuleArn)
              .replace(':listener-rule/', ':listener/')
              .replace(/\/[^/]+$/, ''),
            priority: Number(rule.Priority),
            action: actionBlocks(rule.Actions, state.action),
            condition: conditionBlocks(rule.Conditions),
          };
        },
      },
    ],
    update: [
      {
        command: 'SetRulePriorities',
        names: ['priority'],
        input: ({ id, priority }) => ({ RulePriorities: [{ RuleArn: id, Priority: priority }] }),
      },
      {
        command: 'ModifyRule',
        names: ['action', 'condition'],
        input: (value) => ({ ...ruleSettings(value), RuleArn: value.id }),
      },
    ],
    delete: [{ command: 'DeleteRule', input: ({ id }) => ({ RuleArn: id }) }],
    tags,
    import: arnOf,
  },
};

function listenerSettings(value: Known): Shape {
  return present({
    Port: value.port,
    Protocol: value.protocol,
    SslPolicy: value.ssl_policy || undefined,
    Certificates: value.certificate_arn ? [{ CertificateArn: value.certificate_arn }] : undefined,
    DefaultActions: actionsOf(value.default_action),
  });
}

function listenerState(found: Shape | undefined, state: Known): ObjectValue | null {
  if (found === undefined) return null;
  return {
    ...arnOf(found.ListenerArn),
    load_balancer_arn: plain(found.LoadBalancerArn),
    port: portOf(found, state),
    protocol: plain(found.Protocol),
    ssl_policy: plain(found.SslPolicy),
    certificate_arn: plain(first(found.Certificates)?.CertificateArn),
    default_action: actionBlocks(found.DefaultActions, state.default_action),
  };
}

/** The local load balancer opens another port for one below 1024, which is not everybody's to open. */
function portOf({ Port }: Shape, { port }: Known): Value {
  return typeof port === 'number' && port < 1024 ? port : plain(Port);
}

function ruleSettings(value: Known): Shape {
  return { Actions: actionsOf(value.action), Conditions: conditionsOf(value.condition) };
}

/** The default rule has no number. */
function nextPriority(rules: unknown): number {
  const numbers = shapes(rules).map(({ Priority }) => Number(Priority));
  return Math.max(0, ...numbers.filter((number) => Number.isInteger(number))) + 1;
}

function writeListenerAttributes(): Step {
  const ofListener = (value: Known, at: At) => attributesOf(value, listenerNames(at.block));
  return {
    command: 'ModifyListenerAttributes',
    when: (value) =>
      Object.keys(value).some(
        (name) => name.startsWith('routing_http_response') && value[name] !== null && value[name] !== '',
      ),
    input: (value, at) => ({ ListenerArn: value.id, Attributes: ofListener(value, at) }),
  };
}

/** `routing_http_response_server_enabled` is `routing.http.response.server.enabled`. */
function listenerNames({ attributes }: At['block']): Record<string, string> {
  return Object.fromEntries(
    Object.keys(attributes).flatMap((name) => {
      const [, header, member] = name.match(/^routing_http_response_(.+)_(header_value|enabled)$/) ?? [];
      return header === undefined ? [] : [[name, `routing.http.response.${header}.${member}`]];
    }),
  );
}
