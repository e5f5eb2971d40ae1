import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import { AwsFault } from '../fault.ts';
import { bodyOf, isDone, type Json, jsonOf, type PassOn } from '../gateway/pass-on.ts';
import { jsonService } from '../wire/json.ts';
import { assertCarriedOut } from '../wire/operations.ts';
import type { AwsRequest, AwsResponse, AwsService, ServiceOptions } from '../wire/service.ts';
import type { AlarmState } from './alarm-rule.ts';
import type { CompositeAlarm, CompositeAlarms } from './composite-alarms.ts';

const TARGET = 'GraniteServiceVersion20100801';

const NOT_CARRIED_OUT = {
  PutCompositeAlarm: ['ActionsSuppressor', 'ActionsSuppressorExtensionPeriod', 'ActionsSuppressorWaitPeriod'],
  DescribeAlarms: ['ChildrenOfAlarmName', 'ParentsOfAlarmName'],
};

/**
 * The operations of CloudWatch on composite alarms, which the back end does not know; what they are told of metric
 * alarms goes on to it. No action of an alarm is carried out. By their `X-Amz-Target`.
 */
export function cloudwatchStandIns(
  composites: CompositeAlarms,
  passOn: PassOn,
  { onBug }: Pick<ServiceOptions, 'onBug'>,
): Readonly<Record<string, AwsService>> {
  const put = jsonService(
    cloudwatch,
    {
      async PutCompositeAlarm(input, context) {
        await composites.put(context, input, context.now);
        return {};
      },
    },
    {
      ...(onBug && { onBug }),
      notCarriedOut: NOT_CARRIED_OUT,
      refuseInvalid: (message) => new AwsFault('ValidationError', message),
      refuseMissing: (names) => new AwsFault('ValidationError', `${names.join(', ')} must be given`),
    },
  );
  const alarms: Readonly<Record<string, AwsService>> = {
    PutCompositeAlarm: put,
    async DescribeAlarms(request) {
      const asked = bodyOf(request);
      assertCarriedOut({ notCarriedOut: NOT_CARRIED_OUT }, 'DescribeAlarms', Object.keys(asked));
      const answer = await passOn(request, asked);
      const types = textsOf(asked.AlarmTypes);
      // Without types only metric alarms are asked about.
      if (!isDone(answer) || !types.includes('CompositeAlarm')) return answer;
      const found = jsonOf(JSON.parse(answer.body));
      const MetricAlarms = types.includes('MetricAlarm') ? found.MetricAlarms : [];
      const own = await composites.read(request.context, request.context.now);
      const CompositeAlarms = own.filter((alarm) => isAsked(alarm, asked)).map(described);
      return { ...answer, body: JSON.stringify({ ...found, MetricAlarms, CompositeAlarms }) };
    },
    async DeleteAlarms(request) {
      const names = textsOf(bodyOf(request).AlarmNames);
      const others = names.filter((name) => !composites.find(request.context, name));
      composites.remove(request.context, names);
      return others.length > 0 ? await passOn(request, { AlarmNames: others }) : done();
    },
    async SetAlarmState(request) {
      const asked = bodyOf(request);
      const alarm = composites.find(request.context, String(asked.AlarmName));
      if (!alarm) return await passOn(request, asked);
      const state = stateOf(asked.StateValue);
      const { now } = request.context;
      const stateReason = String(asked.StateReason ?? '');
      // What it follows from is kept: it is judged anew when that changes.
      await composites.read(request.context, now);
      const judged = composites.find(request.context, alarm.name) ?? alarm;
      composites.change(request.context, { ...judged, state, stateReason, stateUpdatedAt: now });
      return done();
    },
    async ListTagsForResource(request) {
      const alarm = tagged(composites, request);
      if (!alarm) return await passOn(request, bodyOf(request));
      return done({ Tags: [...alarm.tags].map(([Key, Value]) => ({ Key, Value })) });
    },
    async TagResource(request) {
      const asked = bodyOf(request);
      const alarm = tagged(composites, request);
      if (!alarm) return await passOn(request, asked);
      const added = listOf(asked.Tags).map(({ Key, Value }) => [String(Key), String(Value)] as const);
      composites.change(request.context, { ...alarm, tags: new Map([...alarm.tags, ...added]) });
      return done();
    },
    async UntagResource(request) {
      const asked = bodyOf(request);
      const alarm = tagged(composites, request);
      if (!alarm) return await passOn(request, asked);
      const removed = textsOf(asked.TagKeys);
      const tags = new Map([...alarm.tags].filter(([key]) => !removed.includes(key)));
      composites.change(request.context, { ...alarm, tags });
      return done();
    },
  };
  return Object.fromEntries(
    Object.entries(alarms).map(([operation, service]) => [`${TARGET}.${operation}`, service]),
  );
}

/** What `DescribeAlarms` says of one; times in seconds, as the JSON protocol has them. */
function described(alarm: CompositeAlarm): Json {
  return {
    ...alarm.settings,
    ActionsEnabled: alarm.settings.ActionsEnabled ?? true,
    AlarmArn: alarm.arn,
    AlarmConfigurationUpdatedTimestamp: alarm.configuredAt / 1000,
    StateReason: alarm.stateReason,
    StateTransitionedTimestamp: alarm.stateUpdatedAt / 1000,
    StateUpdatedTimestamp: alarm.stateUpdatedAt / 1000,
    StateValue: alarm.state,
  };
}

function isAsked({ name, state, settings }: CompositeAlarm, asked: Json): boolean {
  const actions = [settings.AlarmActions, settings.OKActions, settings.InsufficientDataActions].flat();
  const { AlarmNames, AlarmNamePrefix, StateValue, ActionPrefix } = asked;
  return (
    (AlarmNames === undefined || textsOf(AlarmNames).includes(name)) &&
    (AlarmNamePrefix === undefined || name.startsWith(String(AlarmNamePrefix))) &&
    (StateValue === undefined || StateValue === state) &&
    (ActionPrefix === undefined || actions.some((action) => action?.startsWith(String(ActionPrefix))))
  );
}

function tagged(composites: CompositeAlarms, request: AwsRequest): CompositeAlarm | undefined {
  const [, name = ''] = String(bodyOf(request).ResourceARN).match(/:alarm:(.+)$/) ?? [];
  return composites.find(request.context, name);
}

function stateOf(value: unknown): AlarmState {
  if (value === 'ALARM' || value === 'OK' || value === 'INSUFFICIENT_DATA') return value;
  throw new AwsFault('ValidationError', `StateValue is ${value}; write ALARM, OK or INSUFFICIENT_DATA`);
}

const done = (body: Json = {}): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.map(jsonOf) : []);
