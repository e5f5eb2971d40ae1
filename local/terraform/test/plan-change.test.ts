import { describe, expect, it } from '@jest/globals';
import { type ObjectValue, UNKNOWN } from '../protocol/value.ts';
import { emptyValue } from '../provider/empty-value.ts';
import { planChange } from '../provider/plan-change.ts';
import { rulesOf } from '../provider/rules/rule-tables.ts';
import { readProviderSchema } from '../schema/schema-file.ts';

const { resources } = await readProviderSchema();
const settings = { region: 'us-east-1', accountId: '123456789012', defaultTags: { project: 'shop' } };

function plan(typeName: string, written: ObjectValue, prior: ObjectValue | null = null) {
  const block = resources[typeName];
  if (block === undefined) throw new Error(typeName);
  const proposed = { ...(prior ?? emptyValue(block)), ...written };
  return planChange({ block, rules: rulesOf(typeName), settings, prior, proposed });
}

/** State after an apply: what was planned, with the unknown filled in. */
function applied(typeName: string, written: ObjectValue): ObjectValue {
  const { planned } = plan(typeName, written);
  const entries = Object.entries(planned as ObjectValue);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value === UNKNOWN ? `made-${name}` : value]),
  );
}

describe('a creation', () => {
  it('leaves unknown what the provider decides and takes defaults for what is left out', () => {
    const { planned, replaces } = plan('aws_lb', { name: 'web' });
    expect(planned).toMatchObject({ arn: UNKNOWN, dns_name: UNKNOWN, idle_timeout: 60, name: 'web' });
    expect(replaces).toEqual([]);
  });

  it("knows the Region and joins the provider's tags with its own", () => {
    expect(plan('aws_vpc', { tags: { Name: 'v', project: 'other' } }).planned).toMatchObject({
      region: 'us-east-1',
      tags_all: { Name: 'v', project: 'other' },
    });
    expect(plan('aws_vpc', { tags: UNKNOWN }).planned).toMatchObject({ tags_all: UNKNOWN });
  });

  it('never plans a write-only value', () => {
    expect(plan('aws_db_instance', { password_wo: 'secret' }).planned).toMatchObject({ password_wo: null });
  });

  it('leaves unknown what is decided inside a block', () => {
    const block = { target_group_arn: null, order: null, type: 'forward' };
    const { planned } = plan('aws_lb_listener', { default_action: [block] });
    expect(planned).toMatchObject({ default_action: [{ order: UNKNOWN, type: 'forward' }] });
  });
});

describe('a change', () => {
  const queue = applied('aws_sqs_queue', { name: 'q', redrive_policy: '{"a":1,"b":2}' });

  it('of nothing is nothing', () => {
    expect(plan('aws_sqs_queue', {}, queue)).toEqual({ planned: queue, replaces: [] });
  });

  it.each<[string, ObjectValue]>([
    ['a document in other words', { redrive_policy: '{ "b": 2, "a": 1 }' }],
    ['an empty text for nothing', { kms_master_key_id: '' }],
    ['nothing for zero', { delay_seconds: null }],
  ])('to %s is none', (_, written) => {
    expect(plan('aws_sqs_queue', written, queue).planned).toEqual(queue);
  });

  it('keeps what the provider decided', () => {
    const { planned, replaces } = plan('aws_sqs_queue', { visibility_timeout_seconds: 60 }, queue);
    expect(planned).toMatchObject({ visibility_timeout_seconds: 60, url: queue.url });
    expect(replaces).toEqual([]);
  });

  it('makes unknown what it decides anew', () => {
    const parameter = applied('aws_ssm_parameter', { name: '/a', type: 'String', value: '1' });
    expect(plan('aws_ssm_parameter', { value: '2' }, parameter).planned).toMatchObject({ version: UNKNOWN });
  });

  it.each([
    ['aws_sqs_queue', { name: 'q' }, { name: 'p' }, ['name']],
    ['aws_vpc', { cidr_block: '10.0.0.0/16' }, { cidr_block: '10.1.0.0/16' }, ['cidr_block']],
    ['aws_ecs_task_definition', { family: 'a', cpu: '256' }, { cpu: '512' }, ['cpu']],
    ['aws_iam_role_policy_attachment', { role: 'a', policy_arn: 'b' }, { role: 'c' }, ['role']],
    ['aws_vpc', { cidr_block: '10.0.0.0/16' }, { region: 'eu-west-1' }, ['region']],
  ])('of %s %j to %j replaces it', (type, before, after, names) => {
    const { replaces } = plan(type, after, applied(type, before));
    expect(replaces).toEqual(names.map((name) => [name]));
  });

  it('of tags never replaces', () => {
    const attachment = applied('aws_eip', { domain: 'vpc' });
    expect(plan('aws_eip', { tags: { a: 'b' } }, attachment).replaces).toEqual([]);
  });
});

describe('a block', () => {
  const service = applied('aws_ecs_service', {
    name: 's',
    load_balancer: [
      {
        container_name: 'a',
        container_port: 80,
        target_group_arn: 'x',
        elb_name: '',
        advanced_configuration: [],
      },
      {
        container_name: 'b',
        container_port: 81,
        target_group_arn: 'y',
        elb_name: '',
        advanced_configuration: [],
      },
    ],
  });

  it('of a set is the same in any order and with zeros left out', () => {
    const load_balancer = [
      {
        container_name: 'b',
        container_port: 81,
        target_group_arn: 'y',
        elb_name: null,
        advanced_configuration: [],
      },
      {
        container_name: 'a',
        container_port: 80,
        target_group_arn: 'x',
        elb_name: null,
        advanced_configuration: [],
      },
    ];
    expect(plan('aws_ecs_service', { load_balancer }, service).planned).toEqual(service);
  });

  it('that AWS fills stays where the configuration has none', () => {
    const filled = { ...service, deployment_controller: [{ type: 'ECS' }] };
    const { planned } = plan('aws_ecs_service', { deployment_controller: [] }, filled);
    expect(planned).toMatchObject({ deployment_controller: [{ type: 'ECS' }] });
  });

  it('that somebody else added is taken away', () => {
    const alarms = [{ alarm_names: ['a'], enable: true, rollback: true }];
    expect(plan('aws_ecs_service', { alarms: [] }, { ...service, alarms }).planned).toMatchObject({
      alarms: [],
    });
  });
});
