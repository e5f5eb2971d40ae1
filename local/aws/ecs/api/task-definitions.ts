import type {
  Compatibility,
  ContainerDefinition,
  Failure,
  RegisterTaskDefinitionCommandInput,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import { ecsArn } from '../engine/identifiers.ts';
import type { ScopeRecord } from '../engine/state.ts';
import {
  asDate,
  type EcsApi,
  type EcsHandlers,
  enter,
  findByReference,
  invalid,
  isDeleted,
} from './entry.ts';
import { page } from './pages.ts';
import { setTags, tagsOf } from './tags.ts';
import { assertTaskDefinition } from './task-definition-rules.ts';

type TaskDefinitionOperations =
  | 'RegisterTaskDefinition'
  | 'DescribeTaskDefinition'
  | 'ListTaskDefinitions'
  | 'ListTaskDefinitionFamilies'
  | 'DeregisterTaskDefinition'
  | 'DeleteTaskDefinitions';

/** Register-, Describe- and DeregisterTaskDefinition, DeleteTaskDefinitions, ListTaskDefinitions, ListTaskDefinitionFamilies. */
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
          definition.status === status && !isDeleted(scope, definition)
            ? (definition.taskDefinitionArn ?? [])
            : [],
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

    DeleteTaskDefinitions(input, context) {
      const scope = enter(api, context);
      const references = input.taskDefinitions ?? [];
      if (references.length < 1 || references.length > MOST_DELETED) {
        throw invalid(`Between 1 and ${MOST_DELETED} task definitions must be specified.`);
      }
      const taskDefinitions: TaskDefinition[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const found = /:\d+$/.test(reference) ? findByReference(scope, reference) : undefined;
        const reason = whyNotDeleted(found);
        if (found === undefined || reason !== undefined) failures.push({ arn: reference, reason });
        else taskDefinitions.push(deleteDefinition(found, api.engine.context.state.now));
      }
      return { taskDefinitions, failures };
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

const MOST_DELETED = 10;

function whyNotDeleted(found: TaskDefinition | undefined): string | undefined {
  if (found === undefined) {
    return 'The specified task definition does not exist. Specify a valid account, family, revision and try again.';
  }
  if (found.status !== 'ACTIVE') return undefined;
  return 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.';
}

function deleteDefinition(found: TaskDefinition, now: number): TaskDefinition {
  if (found.status !== 'DELETE_IN_PROGRESS') found.deleteRequestedAt = asDate(now);
  found.status = 'DELETE_IN_PROGRESS';
  return found;
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
