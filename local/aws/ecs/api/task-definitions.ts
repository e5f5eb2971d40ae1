import type {
  Compatibility,
  ContainerDefinition,
  RegisterTaskDefinitionCommandInput,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import { ecsArn } from '../engine/identifiers.ts';
import type { ScopeRecord } from '../engine/state.ts';
import { asDate, type EcsApi, type EcsHandlers, enter, findByReference } from './entry.ts';
import { page } from './pages.ts';
import { setTags, tagsOf } from './tags.ts';
import { assertTaskDefinition } from './task-definition-rules.ts';

type TaskDefinitionOperations =
  | 'RegisterTaskDefinition'
  | 'DescribeTaskDefinition'
  | 'ListTaskDefinitions'
  | 'ListTaskDefinitionFamilies'
  | 'DeregisterTaskDefinition';

/** Register-, Describe- and DeregisterTaskDefinition, ListTaskDefinitions, ListTaskDefinitionFamilies. */
export function taskDefinitionHandlers(api: EcsApi): Pick<EcsHandlers, TaskDefinitionOperations> {
  return {
    RegisterTaskDefinition(input, context) {
      const scope = enter(api, context);
      assertTaskDefinition(input);
      const family = input.family ?? '';
      scope.families[family] ??= [];
      const revisions = scope.families[family];
      const registeredBy = context.roleArn ?? `arn:aws:iam::${scope.accountId}:root`;
      const registered = {
        ...definitionOf(input),
        taskDefinitionArn: ecsArn(scope, `task-definition/${family}:${revisions.length + 1}`),
        revision: revisions.length + 1,
        registeredAt: asDate(api.engine.context.state.now),
        registeredBy,
      };
      setTags(scope, registered.taskDefinitionArn, input.tags);
      revisions.push(registered);
      return { taskDefinition: registered, tags: tagsOf(scope, registered.taskDefinitionArn) };
    },

    DescribeTaskDefinition(input, context) {
      const scope = enter(api, context);
      const found = findByReference(scope, input.taskDefinition ?? '');
      if (found === undefined) {
        throw new AwsFault('ClientException', 'Unable to describe task definition.');
      }
      const withTags = input.include?.includes('TAGS') ?? false;
      return {
        taskDefinition: found,
        ...(withTags ? { tags: tagsOf(scope, found.taskDefinitionArn ?? '') } : {}),
      };
    },

    ListTaskDefinitions(input, context) {
      const scope = enter(api, context);
      const { familyPrefix, status = 'ACTIVE', sort = 'ASC' } = input;
      const families = Object.keys(scope.families).sort();
      const meant = families.filter((family) => familyPrefix === undefined || family === familyPrefix);
      const arns = meant.flatMap((family) =>
        (scope.families[family] ?? []).flatMap((definition) =>
          definition.status === status ? (definition.taskDefinitionArn ?? []) : [],
        ),
      );
      if (sort === 'DESC') arns.reverse();
      const { items, ...next } = page(arns, (arn) => arn, input);
      return { taskDefinitionArns: items, ...next };
    },

    ListTaskDefinitionFamilies(input, context) {
      const scope = enter(api, context);
      const families = Object.keys(scope.families).filter(
        (family) => family.startsWith(input.familyPrefix ?? '') && hasStatus(scope, family, input.status),
      );
      const { items, ...next } = page(families.sort(), (family) => family, input);
      return { families: items, ...next };
    },

    DeregisterTaskDefinition(input, context) {
      const scope = enter(api, context);
      const reference = input.taskDefinition ?? '';
      if (!/:\d+$/.test(reference)) {
        throw new AwsFault(
          'ClientException',
          'A revision must be specified to deregister a task definition.',
        );
      }
      const found = findByReference(scope, reference);
      if (found === undefined) {
        throw new AwsFault('ClientException', 'The specified task definition does not exist.');
      }
      found.status = 'INACTIVE';
      found.deregisteredAt = asDate(api.engine.context.state.now);
      return { taskDefinition: found };
    },
  };
}

function hasStatus(
  scope: ScopeRecord,
  family: string,
  status: 'ACTIVE' | 'ALL' | 'INACTIVE' = 'ALL',
): boolean {
  if (status === 'ALL') return true;
  const isActive = (scope.families[family] ?? []).some((definition) => definition.status === 'ACTIVE');
  return isActive === (status === 'ACTIVE');
}

/** What is kept of a registration: everything given, with what ECS fills in. */
function definitionOf(input: RegisterTaskDefinitionCommandInput): TaskDefinition {
  const { tags: _, containerDefinitions = [], ...rest } = input;
  const networkMode = input.networkMode;
  return {
    ...rest,
    containerDefinitions: containerDefinitions.map((container) => withDefaults(container, networkMode)),
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    status: 'ACTIVE',
    requiresAttributes: [],
    compatibilities: compatibilitiesOf(input),
  };
}

function withDefaults(container: ContainerDefinition, networkMode: string | undefined): ContainerDefinition {
  const sharesPorts = networkMode === 'awsvpc' || networkMode === 'host';
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...mapping,
      protocol: mapping.protocol ?? 'tcp',
      hostPort: mapping.hostPort ?? (sharesPorts ? mapping.containerPort : 0),
    })),
    ...(container.healthCheck === undefined
      ? {}
      : { healthCheck: { interval: 30, timeout: 5, retries: 3, ...container.healthCheck } }),
  };
}

function compatibilitiesOf({
  networkMode,
  cpu,
  memory,
}: RegisterTaskDefinitionCommandInput): Compatibility[] {
  const isForFargate = networkMode === 'awsvpc' && cpu !== undefined && memory !== undefined;
  return isForFargate ? ['EC2', 'FARGATE'] : ['EC2'];
}
