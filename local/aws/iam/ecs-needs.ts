import type { Tag } from '@aws-sdk/client-ecs';
import {
  type AccessNeed,
  type CallPlace,
  type ConditionKeys,
  flag,
  type NeedsTable,
  requestTagKeys,
} from './access-need.ts';

const ECS_TASKS = 'ecs-tasks.amazonaws.com';
const ECS = 'ecs.amazonaws.com';

const arn = ({ region, accountId }: CallPlace, resource: string): string =>
  `arn:aws:ecs:${region}:${accountId}:${resource}`;

const lastOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

const clusterArn = (place: CallPlace, reference = 'default'): string =>
  reference.startsWith('arn:') ? reference : arn(place, `cluster/${reference}`);

const serviceArn = (place: CallPlace, cluster: string | undefined, reference = ''): string =>
  reference.startsWith('arn:')
    ? reference
    : arn(place, `service/${lastOf(clusterArn(place, cluster))}/${reference}`);

const taskArn = (place: CallPlace, cluster: string | undefined, reference = ''): string =>
  reference.startsWith('arn:')
    ? reference
    : arn(place, `task/${lastOf(clusterArn(place, cluster))}/${reference}`);

const onTasks = (place: CallPlace, cluster: string | undefined, tasks: readonly string[]): string[] =>
  tasks.map((task) => taskArn(place, cluster, task));

const taskDefinitionArn = (place: CallPlace, reference = ''): string =>
  reference.startsWith('arn:') ? reference : arn(place, `task-definition/${reference}`);

const roleArn = ({ accountId }: CallPlace, reference: string): string =>
  reference.startsWith('arn:') ? reference : `arn:aws:iam::${accountId}:role/${reference}`;

const inCluster = (place: CallPlace, cluster: string | undefined): ConditionKeys => ({
  'ecs:cluster': clusterArn(place, cluster),
});

/** `ecs:cluster` and `ecs:service` of a service deployment or revision, both from its ARN. */
function placeKeys(resourceArn: string): ConditionKeys {
  const [, , , region = '', accountId = '', resource = ''] = resourceArn.split(':');
  const [, cluster, service] = resource.split('/');
  const place = { region, accountId };
  return cluster && service
    ? { ...inCluster(place, cluster), 'ecs:service': arn(place, `service/${cluster}/${service}`) }
    : {};
}

const need = (action: string, resources: readonly string[], keys?: ConditionKeys): AccessNeed => ({
  action: `ecs:${action}`,
  resources,
  ...(keys && { keys }),
});

/** A service deployment or revision takes the permission on its service as well; their condition keys differ. */
const onEach = (action: string, arns: readonly string[] | undefined): AccessNeed[] =>
  (arns ?? []).map((each) => {
    const keys = placeKeys(each);
    const service = keys['ecs:service'];
    return need(action, typeof service === 'string' ? [service, each] : [each], keys);
  });

/** Tags that come with something new take `ecs:TagResource` as well, under `ecs:CreateAction`. */
function tagging(createAction: string, resource: string, tags: readonly Tag[] | undefined): AccessNeed[] {
  if (!tags?.length) return [];
  return [need('TagResource', [resource], { 'ecs:CreateAction': createAction, ...requestTagKeys(tags) })];
}

/** `iam:PassRole` on each role that is handed to a service. */
function passing(place: CallPlace, service: string, roles: readonly (string | undefined)[]): AccessNeed[] {
  const arns = new Set(roles.filter((role) => role !== undefined).map((role) => roleArn(place, role)));
  const keys = { 'iam:PassedToService': service };
  return [...arns].map((role) => ({ action: 'iam:PassRole', resources: [role], keys }));
}

type ServiceSettings = {
  taskDefinition?: string;
  enableExecuteCommand?: boolean;
  enableECSManagedTags?: boolean;
  propagateTags?: string;
  networkConfiguration?: { awsvpcConfiguration?: { subnets?: string[]; assignPublicIp?: string } };
  capacityProviderStrategy?: { capacityProvider?: string }[];
  serviceConnectConfiguration?: { enabled?: boolean };
  loadBalancers?: { advancedConfiguration?: { roleArn?: string } }[];
  deploymentConfiguration?: { lifecycleHooks?: { roleArn?: string }[] };
};

/** Keys that CreateService, UpdateService and RunTask share; each only where the call sets it. */
function settingKeys(place: CallPlace, input: ServiceSettings): ConditionKeys {
  const network = input.networkConfiguration?.awsvpcConfiguration;
  const providers = input.capacityProviderStrategy?.map(({ capacityProvider = '' }) =>
    capacityProvider.startsWith('FARGATE')
      ? capacityProvider
      : arn(place, `capacity-provider/${capacityProvider}`),
  );
  return {
    'ecs:enable-execute-command': flag(input.enableExecuteCommand),
    'ecs:enable-ecs-managed-tags': flag(input.enableECSManagedTags),
    'ecs:propagate-tags': input.propagateTags,
    'ecs:enable-service-connect': flag(input.serviceConnectConfiguration?.enabled),
    'ecs:subnet': network?.subnets,
    'ecs:auto-assign-public-ip': network?.assignPublicIp && flag(network.assignPublicIp === 'ENABLED'),
    'ecs:capacity-provider': providers?.length ? providers : undefined,
  };
}

function serviceKeys(place: CallPlace, cluster: string | undefined, input: ServiceSettings): ConditionKeys {
  const { taskDefinition } = input;
  return {
    ...inCluster(place, cluster),
    ...settingKeys(place, input),
    'ecs:task-definition': taskDefinition && taskDefinitionArn(place, taskDefinition),
  };
}

const passedByService = (place: CallPlace, input: ServiceSettings): AccessNeed[] =>
  passing(place, ECS, [
    ...(input.loadBalancers ?? []).map(({ advancedConfiguration }) => advancedConfiguration?.roleArn),
    ...(input.deploymentConfiguration?.lifecycleHooks ?? []).map((hook) => hook.roleArn),
  ]);

const anywhere = (action: string) => (): AccessNeed[] => [need(action, ['*'])];

const onCluster =
  (action: string) =>
  ({ cluster }: { cluster?: string }, place: CallPlace): AccessNeed[] => [
    need(action, [clusterArn(place, cluster)]),
  ];

/**
 * What calls to ECS need. A role of a task definition is checked when it is registered, the roles of overrides
 * when the task is run.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container
 * Service"; ECS developer guide, "Grant permission to tag resources on creation" (both read 2026-11).
 */
export const ECS_NEEDS: NeedsTable<typeof import('@aws-sdk/client-ecs')> = {
  CreateCluster: ({ clusterName = 'default', tags }, place) => [
    need('CreateCluster', [clusterArn(place, clusterName)], requestTagKeys(tags)),
    ...tagging('CreateCluster', clusterArn(place, clusterName), tags),
  ],
  DescribeClusters: ({ clusters = [] }, place) => [
    need(
      'DescribeClusters',
      (clusters.length ? clusters : ['default']).map((each) => clusterArn(place, each)),
    ),
  ],
  ListClusters: anywhere('ListClusters'),
  UpdateCluster: onCluster('UpdateCluster'),
  UpdateClusterSettings: onCluster('UpdateClusterSettings'),
  PutClusterCapacityProviders: onCluster('PutClusterCapacityProviders'),
  DeleteCluster: onCluster('DeleteCluster'),

  RegisterTaskDefinition: (input, place) => {
    const resource = arn(place, `task-definition/${input.family}:*`);
    const containers = input.containerDefinitions ?? [];
    return [
      need('RegisterTaskDefinition', [resource], {
        ...requestTagKeys(input.tags),
        'ecs:task-cpu': input.cpu,
        'ecs:task-memory': input.memory,
        'ecs:compute-compatibility': input.requiresCompatibilities,
        'ecs:privileged': flag(containers.some(({ privileged }) => privileged === true)),
      }),
      ...tagging('RegisterTaskDefinition', resource, input.tags),
      ...passing(place, ECS_TASKS, [input.taskRoleArn, input.executionRoleArn]),
    ];
  },
  DescribeTaskDefinition: anywhere('DescribeTaskDefinition'),
  ListTaskDefinitions: anywhere('ListTaskDefinitions'),
  ListTaskDefinitionFamilies: anywhere('ListTaskDefinitionFamilies'),
  DeregisterTaskDefinition: anywhere('DeregisterTaskDefinition'),
  DeleteTaskDefinitions: ({ taskDefinitions = [] }, place) => [
    need(
      'DeleteTaskDefinitions',
      taskDefinitions.map((each) => taskDefinitionArn(place, each)),
    ),
  ],

  CreateService: (input, place) => {
    const resource = serviceArn(place, input.cluster, input.serviceName);
    const keys = { ...serviceKeys(place, input.cluster, input), ...requestTagKeys(input.tags) };
    return [
      need('CreateService', [resource], keys),
      ...tagging('CreateService', resource, input.tags),
      ...passing(place, ECS, [input.role]),
      ...passedByService(place, input),
    ];
  },
  UpdateService: (input, place) => [
    need(
      'UpdateService',
      [serviceArn(place, input.cluster, input.service)],
      serviceKeys(place, input.cluster, input),
    ),
    ...passedByService(place, input),
  ],
  DeleteService: ({ cluster, service }, place) => [
    need('DeleteService', [serviceArn(place, cluster, service)], inCluster(place, cluster)),
  ],
  DescribeServices: ({ cluster, services = [] }, place) => [
    need(
      'DescribeServices',
      services.map((each) => serviceArn(place, cluster, each)),
      inCluster(place, cluster),
    ),
  ],
  ListServices: ({ cluster }, place) => [need('ListServices', ['*'], inCluster(place, cluster))],

  ListServicesByNamespace: ({ namespace }) => [
    need('ListServicesByNamespace', ['*'], { 'ecs:namespace': namespace }),
  ],

  ListServiceDeployments: ({ cluster, service }, place) => [
    need('ListServiceDeployments', [serviceArn(place, cluster, service)], inCluster(place, cluster)),
  ],
  DescribeServiceDeployments: ({ serviceDeploymentArns }) =>
    onEach('DescribeServiceDeployments', serviceDeploymentArns),
  DescribeServiceRevisions: ({ serviceRevisionArns }) =>
    onEach('DescribeServiceRevisions', serviceRevisionArns),
  StopServiceDeployment: ({ serviceDeploymentArn = '' }) =>
    onEach('StopServiceDeployment', [serviceDeploymentArn]),
  ContinueServiceDeployment: ({ serviceDeploymentArn = '' }) =>
    onEach('ContinueServiceDeployment', [serviceDeploymentArn]),

  RunTask: (input, place) => [
    need('RunTask', [taskDefinitionArn(place, input.taskDefinition)], {
      ...inCluster(place, input.cluster),
      ...settingKeys(place, input),
      ...requestTagKeys(input.tags),
    }),
    ...tagging('RunTask', taskArn(place, input.cluster, '*'), input.tags),
    ...passing(place, ECS_TASKS, [input.overrides?.taskRoleArn, input.overrides?.executionRoleArn]),
  ],
  StopTask: ({ cluster, task }, place) => [
    need('StopTask', [taskArn(place, cluster, task)], inCluster(place, cluster)),
  ],
  DescribeTasks: ({ cluster, tasks = [] }, place) => [
    need(
      'DescribeTasks',
      tasks.map((each) => taskArn(place, cluster, each)),
      inCluster(place, cluster),
    ),
  ],
  ExecuteCommand: ({ cluster, task }, place) => [
    need(
      'ExecuteCommand',
      [clusterArn(place, cluster), taskArn(place, cluster, task)],
      inCluster(place, cluster),
    ),
  ],
  GetTaskProtection: ({ cluster, tasks = [] }, place) => [
    need('GetTaskProtection', onTasks(place, cluster, tasks), inCluster(place, cluster)),
  ],
  UpdateTaskProtection: ({ cluster, tasks = [] }, place) => [
    need('UpdateTaskProtection', onTasks(place, cluster, tasks), inCluster(place, cluster)),
  ],
  ListTasks: ({ cluster }, place) => [
    need(
      'ListTasks',
      [arn(place, `container-instance/${lastOf(clusterArn(place, cluster))}/*`)],
      inCluster(place, cluster),
    ),
  ],

  TagResource: ({ resourceArn = '', tags }) => [need('TagResource', [resourceArn], requestTagKeys(tags))],
  UntagResource: ({ resourceArn = '', tagKeys }) => [
    need('UntagResource', [resourceArn], { 'aws:TagKeys': tagKeys }),
  ],
  ListTagsForResource: ({ resourceArn = '' }) => [need('ListTagsForResource', [resourceArn])],
};
