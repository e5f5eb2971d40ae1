import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { arnPath, elbArn } from '../arn.ts';
import type { ListenerRecord, RegionRecord, RuleRecord } from '../records.ts';
import { findListener, findRule } from '../state.ts';
import { readActions } from './actions.ts';
import { readConditions } from './conditions.ts';
import { pageOf } from './page.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { setTags } from './tags.ts';
import { assertBounds, notOffered, present, validationError } from './validation.ts';

type Operations = 'CreateRule' | 'DescribeRules' | 'ModifyRule' | 'DeleteRule' | 'SetRulePriorities';

const PRIORITIES = [1, 50_000] as const;

/** CreateRule and its like. */
export function ruleOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    CreateRule(input, context) {
      const region = room.state.region(context);
      const listener = findListener(region, input.ListenerArn ?? '');
      const priority = present(input.Priority, 'priority');
      assertBounds(priority, 'priority', PRIORITIES);
      assertPriorityFree(listener, priority, []);
      if (input.Transforms?.length) throw notOffered('A rule transform', 'leave Transforms out');
      const conditions = readConditions(input.Conditions ?? []);
      const actions = readActions(region, listener.loadBalancerArn, input.Actions ?? []);
      const arn = elbArn(context, 'listener-rule', `${arnPath(listener.arn)}/${room.newId()}`);
      const record = { arn, priority, conditions, actions };
      setTags(region, arn, input.Tags ?? []);
      listener.rules.push(record);
      room.changed();
      return { Rules: [describeRule(record)] };
    },
    DescribeRules(input, context) {
      const { items, NextMarker } = pageOf(selectRules(room.state.region(context), input), input);
      return { Rules: items, NextMarker };
    },
    ModifyRule(input, context) {
      const region = room.state.region(context);
      const { listener, rule } = findRule(region, input.RuleArn ?? '');
      if (!rule) {
        throw new AwsFault('OperationNotPermitted', `Default rule '${input.RuleArn}' cannot be modified`);
      }
      if (!input.Conditions && !input.Actions) {
        throw validationError('Either conditions or actions must be specified');
      }
      if (input.Transforms?.length) throw notOffered('A rule transform', 'leave Transforms out');
      const conditions = input.Conditions ? readConditions(input.Conditions) : rule.conditions;
      const actions = input.Actions
        ? readActions(region, listener.loadBalancerArn, input.Actions)
        : rule.actions;
      Object.assign(rule, { conditions, actions });
      room.changed();
      return { Rules: [describeRule(rule)] };
    },
    DeleteRule({ RuleArn = '' }, context) {
      const region = room.state.region(context);
      const { listener, rule } = findRule(region, RuleArn);
      if (!rule) throw new AwsFault('OperationNotPermitted', `Default rule '${RuleArn}' cannot be deleted`);
      listener.rules = listener.rules.filter((candidate) => candidate !== rule);
      region.tags.delete(rule.arn);
      room.changed();
      return {};
    },
    SetRulePriorities({ RulePriorities = [] }, context) {
      const wanted = RulePriorities.map(({ RuleArn, Priority }) => ({
        arn: present(RuleArn, 'rulePriorities.1.member.ruleArn'),
        priority: present(Priority, 'rulePriorities.1.member.priority'),
      }));
      return { Rules: setPriorities(room.state.region(context), wanted).map(describeRule) };
    },
  };
}

/** Sets several priorities at once; rules of the same call may change places. */
function setPriorities(region: RegionRecord, wanted: { arn: string; priority: number }[]): RuleRecord[] {
  const found = wanted.map(({ arn, priority }) => {
    const { listener, rule } = findRule(region, arn);
    if (!rule) throw new AwsFault('OperationNotPermitted', `Priority of default rule '${arn}' cannot be set`);
    assertBounds(priority, 'rulePriorities.1.member.priority', PRIORITIES);
    return { listener, rule, priority };
  });
  const moving = found.map(({ rule }) => rule);
  for (const { listener, priority } of found) {
    assertPriorityFree(listener, priority, moving);
    const twice = found.filter((other) => other.listener === listener && other.priority === priority);
    if (twice.length > 1) throw validationError(`Priority '${priority}' was provided multiple times`);
  }
  for (const { rule, priority } of found) rule.priority = priority;
  return moving;
}

function assertPriorityFree(listener: ListenerRecord, priority: number, except: readonly RuleRecord[]): void {
  if (listener.rules.some((rule) => rule.priority === priority && !except.includes(rule))) {
    throw new AwsFault('PriorityInUse', `Priority '${priority}' is currently in use`);
  }
}

function selectRules(
  region: RegionRecord,
  { ListenerArn, RuleArns }: { ListenerArn?: string; RuleArns?: string[] },
): Rule[] {
  if (ListenerArn && RuleArns?.length) {
    throw validationError('A listener ARN and rule ARNs cannot be specified at the same time');
  }
  if (RuleArns?.length) {
    return RuleArns.map((arn) => {
      const { listener, rule } = findRule(region, arn);
      return rule ? describeRule(rule) : describeDefault(listener);
    });
  }
  if (!ListenerArn) throw validationError('You must specify either listener rule ARNs or a listener ARN');
  const listener = findListener(region, ListenerArn);
  const byPriority = [...listener.rules].sort((a, b) => a.priority - b.priority);
  return [...byPriority.map(describeRule), describeDefault(listener)];
}

function describeRule({ arn, priority, conditions, actions }: RuleRecord): Rule {
  return {
    RuleArn: arn,
    Priority: String(priority),
    Conditions: conditions,
    Actions: actions,
    IsDefault: false,
  };
}

function describeDefault({ defaultRuleArn, defaultActions }: ListenerRecord): Rule {
  return {
    RuleArn: defaultRuleArn,
    Priority: 'default',
    Conditions: [],
    Actions: defaultActions,
    IsDefault: true,
  };
}
