import type { At, Known, Rows } from '../row.ts';
import { fromSdk, pascal, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, text } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

/** Schedules and their groups. */
export const schedulerRows: Rows = {
  aws_scheduler_schedule: {
    service: 'scheduler',
    create: [
      {
        command: 'CreateSchedule',
        input: schedule,
        result: ({ ScheduleArn }, value) => ({
          arn: plain(ScheduleArn),
          id: `${text(value.group_name) || 'default'}/${text(value.name)}`,
        }),
      },
    ],
    read: [
      {
        command: 'GetSchedule',
        input: scheduleKey,
        state: (answer, value, { block }) => ({
          ...fromSdk(block, { ...answer, Target: targetState(shape(answer.Target), value) }, pascal),
          arn: plain(answer.Arn),
        }),
      },
    ],
    update: [{ command: 'UpdateSchedule', input: schedule }],
    delete: [{ command: 'DeleteSchedule', input: scheduleKey }],
    import: (id) => ({ group_name: id.split('/')[0] ?? '', name: id.split('/')[1] ?? '' }),
  },
  aws_scheduler_schedule_group: {
    service: 'scheduler',
    create: [
      {
        command: 'CreateScheduleGroup',
        input: (value) => ({ Name: value.name, Tags: tagList(allTags(value)) }),
        result: ({ ScheduleGroupArn }, value) => ({ id: value.name ?? null, arn: plain(ScheduleGroupArn) }),
      },
    ],
    read: [
      {
        command: 'GetScheduleGroup',
        input: ({ id }) => ({ Name: id }),
        state: (answer) => ({ arn: plain(answer.Arn), name: plain(answer.Name), state: plain(answer.State) }),
      },
    ],
    delete: [{ command: 'DeleteScheduleGroup', input: ({ id }) => ({ Name: id }) }],
    tags: tagsByArn({ arn: 'ResourceArn', tags: 'Tags', keys: 'TagKeys', style: 'pascal' }),
    import: (id) => ({ name: id }),
  },
};

function schedule(value: Known, { block }: At): Shape {
  const { NamePrefix: _prefix, Id: _id, Arn: _arn, Region: _region, ...sdk } = toSdk(block, value, pascal);
  const target = shape(sdk.Target);
  const ecs = target.EcsParameters === undefined ? undefined : ecsParameters(shape(target.EcsParameters));
  return present({ ...sdk, Name: value.name, Target: present({ ...target, EcsParameters: ecs }) });
}

function ecsParameters(parameters: Shape): Shape {
  const network = parameters.NetworkConfiguration;
  if (network === undefined) return parameters;
  const { AssignPublicIp, ...rest } = shape(network);
  const assigned = AssignPublicIp === true ? 'ENABLED' : 'DISABLED';
  return {
    ...parameters,
    NetworkConfiguration: { awsvpcConfiguration: { ...rest, AssignPublicIp: assigned } },
  };
}

/** AWS answers how it tries again also where nobody asked for it. */
function targetState({ RetryPolicy, ...target }: Shape, value: Known): Shape {
  const written = first(first(value.target)?.retry_policy);
  return renamedTarget(written === undefined ? target : { ...target, RetryPolicy });
}

function renamedTarget(target: Shape): Shape {
  const parameters = shape(target.EcsParameters);
  const network = shape(shape(parameters.NetworkConfiguration).awsvpcConfiguration);
  if (target.EcsParameters === undefined || Object.keys(network).length === 0) return target;
  const NetworkConfiguration = { ...network, AssignPublicIp: network.AssignPublicIp === 'ENABLED' };
  return { ...target, EcsParameters: { ...parameters, NetworkConfiguration } };
}

function scheduleKey({ id }: Known): Shape {
  const [GroupName = 'default', Name = ''] = text(id).split('/');
  return { GroupName, Name };
}
