import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { fromSdk, toSdk } from '../sdk-names.ts';
import { plain, type Shape, shape, text } from '../shape.ts';
import { camel, camelTags, tags } from './ecs-names.ts';

/** Revisions of task definitions. */
export const taskDefinitionRows: Rows = {
  aws_ecs_task_definition: {
    service: 'ecs',
    create: [
      {
        command: 'RegisterTaskDefinition',
        input: (value, at) => ({ ...taskDefinition(value, at), tags: camelTags(value) }),
        result: ({ taskDefinition: made }) => revisionOf(shape(made)),
      },
    ],
    read: [
      {
        command: 'DescribeTaskDefinition',
        input: ({ arn, family, track_latest: latest }) => ({ taskDefinition: latest ? family : arn }),
        state: ({ taskDefinition: found }, state, { block }) => {
          const made = shape(found);
          if (made.status === 'INACTIVE') return null;
          return {
            ...fromSdk(block, made, camel, [
              'cpu',
              'memory',
              'network_mode',
              'execution_role_arn',
              'task_role_arn',
            ]),
            ...fromSdk(block, made, camel, [
              'family',
              'requires_compatibilities',
              'runtime_platform',
              'ephemeral_storage',
            ]),
            ...revisionOf(made),
            // A revision never changes: the text that was registered stays as it was written.
            container_definitions: state.container_definitions ?? JSON.stringify(made.containerDefinitions),
          };
        },
      },
    ],
    delete: [
      {
        command: 'DeregisterTaskDefinition',
        when: ({ skip_destroy: kept }) => kept !== true,
        input: ({ arn }) => ({ taskDefinition: arn }),
      },
    ],
    tags,
    import: (id) => ({ arn: id }),
  },
};

function taskDefinition(value: Known, { block }: At): Shape {
  const names = [
    'family',
    'cpu',
    'memory',
    'network_mode',
    'execution_role_arn',
    'task_role_arn',
    'requires_compatibilities',
    'runtime_platform',
    'ephemeral_storage',
    'pid_mode',
    'ipc_mode',
    'placement_constraints',
  ];
  const volumes = (isList(value.volume) ? value.volume : []).filter(isObject).map((volume) => ({
    name: volume.name,
    ...(volume.host_path && { host: { sourcePath: volume.host_path } }),
  }));
  return {
    ...toSdk(block, value, camel, names),
    containerDefinitions: JSON.parse(text(value.container_definitions)),
    ...(volumes.length > 0 && { volumes }),
  };
}

function revisionOf(made: Shape): ObjectValue {
  const arn = text(made.taskDefinitionArn);
  return {
    id: plain(made.family),
    arn,
    arn_without_revision: arn.replace(/:\d+$/, ''),
    revision: plain(made.revision),
  };
}
