import { isIPv4 } from 'node:net';
import type { TargetDescription, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target } from '../../ecs/target-groups.ts';
import type { TargetGroupRecord } from '../records.ts';
import { findTargetGroup } from '../state.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { assertBounds, present, validationError } from './validation.ts';

type Operations = 'RegisterTargets' | 'DeregisterTargets' | 'DescribeTargetHealth';

/** RegisterTargets, DeregisterTargets and DescribeTargetHealth. */
export function targetOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    RegisterTargets({ TargetGroupArn = '', Targets = [] }, context) {
      const group = findTargetGroup(room.state.region(context), TargetGroupArn);
      const targets = Targets.map((target) => readTarget(target, group));
      for (const target of targets) room.targets.register(group, target);
      return {};
    },
    DeregisterTargets({ TargetGroupArn = '', Targets = [] }, context) {
      const group = findTargetGroup(room.state.region(context), TargetGroupArn);
      for (const target of Targets.flatMap((given) => matching(room, group, given))) {
        room.targets.deregister(group, target);
      }
      return {};
    },
    DescribeTargetHealth({ TargetGroupArn = '', Targets }, context) {
      const group = findTargetGroup(room.state.region(context), TargetGroupArn);
      const targets = Targets?.length
        ? Targets.map((target) => readTarget(target, group))
        : room.targets.list(group);
      return { TargetHealthDescriptions: targets.map((target) => describe(room, group, target)) };
    },
  };
}

function readTarget({ Id, Port }: TargetDescription, group: TargetGroupRecord): Target {
  const id = present(Id, 'targets.1.member.id');
  if (!isIPv4(id)) throw validationError(`The IP address '${id}' is not a valid IPv4 address`);
  const port = Port ?? group.port;
  assertBounds(port, 'targets.1.member.port', [1, 65535]);
  return { id, port };
}

/** Without a port, every registration of the address is meant. */
function matching(room: Room, group: TargetGroupRecord, { Id, Port }: TargetDescription): Target[] {
  const id = present(Id, 'targets.1.member.id');
  return room.targets
    .list(group)
    .filter((target) => target.id === id && (Port === undefined || target.port === Port));
}

function describe(room: Room, group: TargetGroupRecord, { id, port }: Target): TargetHealthDescription {
  const { state, reason, description } = room.targets.health(group, { id, port });
  const checkPort = group.healthCheck.port === 'traffic-port' ? String(port) : group.healthCheck.port;
  return {
    Target: { Id: id, Port: port },
    HealthCheckPort: checkPort,
    TargetHealth: { State: state, Reason: reasonOf(reason), Description: description },
  };
}

const reasons = [
  'Elb.InitialHealthChecking',
  'Target.ResponseCodeMismatch',
  'Target.Timeout',
  'Target.FailedHealthChecks',
  'Target.NotRegistered',
  'Target.NotInUse',
  'Target.DeregistrationInProgress',
] as const;

const reasonOf = (text: string | undefined) => reasons.find((reason) => reason === text);
