import type { At, Known, Rows } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, shape, shapes } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

const camel: Naming = {
  style: 'camel',
  names: { image_tag_mutability_exclusion_filter: 'imageTagMutabilityExclusionFilters' },
};
const replication: Naming = {
  style: 'camel',
  names: { destination: 'destinations', repository_filter: 'repositoryFilters', rule: 'rules' },
};
const fields = [
  'encryption_configuration',
  'image_scanning_configuration',
  'image_tag_mutability',
  'image_tag_mutability_exclusion_filter',
];
const named = ({ id }: Known) => ({ repositoryName: id });

export const ecrRows: Rows = {
  aws_ecr_repository: {
    service: 'ecr',
    create: [
      {
        command: 'CreateRepository',
        input: (value, { block }) => {
          const { encryptionConfiguration, ...sdk } = toSdk(block, value, camel, fields);
          const encryption = Array.isArray(encryptionConfiguration) ? encryptionConfiguration[0] : undefined;
          return {
            ...sdk,
            repositoryName: value.name,
            tags: tagList(allTags(value)),
            ...(encryption !== undefined && { encryptionConfiguration: encryption }),
          };
        },
        result: (_, { name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeRepositories',
        input: ({ id }) => ({ repositoryNames: [id] }),
        state: (answer, _, { block }) => {
          const found = first(answer.repositories);
          if (found === undefined) return null;
          return {
            ...fromSdk(block, found, camel, fields),
            name: plain(found.repositoryName),
            arn: plain(found.repositoryArn),
            registry_id: plain(found.registryId),
            repository_url: plain(found.repositoryUri),
          };
        },
      },
    ],
    update: [
      {
        command: 'PutImageTagMutability',
        names: ['image_tag_mutability', 'image_tag_mutability_exclusion_filter'],
        input: (value, { block }) => ({ ...named(value), ...toSdk(block, value, camel, fields.slice(2)) }),
      },
      {
        command: 'PutImageScanningConfiguration',
        names: ['image_scanning_configuration'],
        input: (value, { block }) => ({
          ...named(value),
          ...toSdk(block, value, camel, ['image_scanning_configuration']),
        }),
      },
    ],
    delete: [
      {
        command: 'DeleteRepository',
        input: (value) => ({ ...named(value), force: value.force_delete === true }),
      },
    ],
    tags: tagsByArn({ arn: 'resourceArn', tags: 'tags', keys: 'tagKeys', style: 'pascal' }),
    import: (id) => ({ name: id }),
  },
  aws_ecr_replication_configuration: {
    service: 'ecr',
    create: [{ ...putReplication(), result: (_, __, { settings }) => ({ id: settings.accountId }) }],
    read: [
      {
        command: 'DescribeRegistry',
        input: () => ({}),
        state: ({ registryId, replicationConfiguration: found }, _, { block }) =>
          shapes(shape(found).rules).length === 0
            ? null
            : {
                ...fromSdk(block, { replicationConfiguration: found }, replication, [
                  'replication_configuration',
                ]),
                registry_id: plain(registryId),
              },
      },
    ],
    update: [putReplication()],
    delete: [
      { command: 'PutReplicationConfiguration', input: () => ({ replicationConfiguration: { rules: [] } }) },
    ],
  },
  aws_ecr_lifecycle_policy: document('LifecyclePolicy', 'PutLifecyclePolicy', 'lifecyclePolicyText'),
  aws_ecr_repository_policy: document('RepositoryPolicy', 'SetRepositoryPolicy', 'policyText'),
};

/** A registry has one, and none where it has no rules. */
function putReplication() {
  return {
    command: 'PutReplicationConfiguration',
    input: (value: Known, { block }: At) => toSdk(block, value, replication, ['replication_configuration']),
  };
}

/** A JSON document that a repository has one of. */
function document(noun: string, put: string, member: string): Rows[string] {
  const step = {
    command: put,
    input: ({ repository, policy }: Known) => ({ repositoryName: repository, [member]: policy }),
  };
  return {
    service: 'ecr',
    create: [{ ...step, result: (_, { repository }) => ({ id: repository ?? null }) }],
    read: [
      {
        command: `Get${noun}`,
        input: named,
        state: (answer) => ({
          policy: plain(answer[member]),
          registry_id: plain(answer.registryId),
          repository: plain(shape(answer).repositoryName),
        }),
      },
    ],
    update: [step],
    delete: [{ command: `Delete${noun}`, input: named }],
  };
}
