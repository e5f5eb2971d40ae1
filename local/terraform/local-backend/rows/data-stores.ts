import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { At, Known, Rows, Step } from '../row.ts';
import { type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

const pascal: Naming = { style: 'pascal' };
const rdsTags = tagsByArn(
  { arn: 'ResourceName', tags: 'Tags', keys: 'TagKeys', style: 'pascal' },
  { read: 'ListTagsForResource', set: 'AddTagsToResource', unset: 'RemoveTagsFromResource' },
);

/** Tables, database instances, and caches. */
export const dataStoreRows: Rows = {
  aws_dynamodb_table: {
    service: 'dynamodb',
    create: [
      {
        command: 'CreateTable',
        input: (value, at) => ({ ...tableInput(value, at), Tags: tagList(allTags(value)) }),
        result: ({ TableDescription }, { name }) => ({
          id: name ?? null,
          arn: plain(shape(TableDescription).TableArn),
        }),
      },
      timeToLive(),
      pointInTimeRecovery(),
    ],
    read: [
      {
        command: 'DescribeTable',
        input: ({ id }) => ({ TableName: id }),
        state: ({ Table }, value, at) => tableState(shape(Table), value, at),
      },
      {
        command: 'DescribeTimeToLive',
        input: ({ id }) => ({ TableName: id }),
        state: ({ TimeToLiveDescription }) => {
          const found = shape(TimeToLiveDescription);
          const isOn = text(found.TimeToLiveStatus).startsWith('ENABL');
          return { ttl: isOn ? [{ enabled: true, attribute_name: text(found.AttributeName) }] : [] };
        },
      },
      {
        command: 'DescribeContinuousBackups',
        input: ({ id }) => ({ TableName: id }),
        state: ({ ContinuousBackupsDescription }) => {
          const { PointInTimeRecoveryDescription } = shape(ContinuousBackupsDescription);
          const found = shape(PointInTimeRecoveryDescription);
          const isOn = found.PointInTimeRecoveryStatus === 'ENABLED';
          const days = isOn ? plain(found.RecoveryPeriodInDays) : null;
          return { point_in_time_recovery: [{ enabled: isOn, recovery_period_in_days: days }] };
        },
      },
    ],
    update: [
      { ...timeToLive(), names: ['ttl'] },
      { ...pointInTimeRecovery(), names: ['point_in_time_recovery'] },
      {
        command: 'UpdateTable',
        names: ['billing_mode', 'deletion_protection_enabled', 'read_capacity', 'write_capacity'],
        input: (value) =>
          present({
            TableName: value.id,
            BillingMode: value.billing_mode,
            DeletionProtectionEnabled: value.deletion_protection_enabled === true,
            ProvisionedThroughput: throughput(value),
          }),
      },
    ],
    delete: [{ command: 'DeleteTable', input: ({ id }) => ({ TableName: id }) }],
    tags: tagsByArn(
      { arn: 'ResourceArn', tags: 'Tags', keys: 'TagKeys', style: 'pascal' },
      { read: 'ListTagsOfResource', set: 'TagResource', unset: 'UntagResource' },
    ),
    import: (id) => ({ name: id }),
  },
  aws_db_instance: {
    service: 'rds',
    create: [
      {
        command: 'CreateDBInstance',
        input: databaseInput,
        result: ({ DBInstance }, value) => ({
          id: plain(shape(DBInstance).DbiResourceId) ?? value.identifier ?? null,
        }),
      },
    ],
    read: [
      {
        command: 'DescribeDBInstances',
        input: ({ identifier, id }) => ({ DBInstanceIdentifier: identifier ?? id }),
        state: ({ DBInstances }, value, at) => databaseState(first(DBInstances), value, at),
      },
    ],
    update: [
      {
        command: 'ModifyDBInstance',
        input: (value) => {
          const {
            DBName: _,
            Engine: _engine,
            MasterUsername: _user,
            Tags: _tags,
            ...input
          } = databaseInput(value);
          return { ...input, ApplyImmediately: true };
        },
      },
    ],
    delete: [
      {
        command: 'DeleteDBInstance',
        input: ({ identifier, skip_final_snapshot: isSkipped, final_snapshot_identifier: name }) =>
          isSkipped === true
            ? { DBInstanceIdentifier: identifier, SkipFinalSnapshot: true }
            : { DBInstanceIdentifier: identifier, FinalDBSnapshotIdentifier: name },
      },
    ],
    tags: rdsTags,
    import: (id) => ({ identifier: id }),
  },
  aws_db_subnet_group: {
    service: 'rds',
    create: [
      {
        command: 'CreateDBSubnetGroup',
        input: (value) => ({ ...subnetGroup(value), Tags: tagList(allTags(value)) }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeDBSubnetGroups',
        input: ({ id }) => ({ DBSubnetGroupName: id }),
        state: ({ DBSubnetGroups }, { id }, at) => {
          const found = first(DBSubnetGroups);
          return found
            ? {
                ...subnetGroupState(found),
                name: id ?? null,
                arn: plain(found.DBSubnetGroupArn) ?? arnAt(at, 'rds', `subgrp:${text(id)}`),
              }
            : null;
        },
      },
    ],
    update: [
      {
        command: 'ModifyDBSubnetGroup',
        names: ['subnet_ids', 'description'],
        input: (value) => subnetGroup(value),
      },
    ],
    delete: [{ command: 'DeleteDBSubnetGroup', input: ({ id }) => ({ DBSubnetGroupName: id }) }],
    tags: rdsTags,
    import: (id) => ({ name: id }),
  },
  aws_db_parameter_group: {
    service: 'rds',
    create: [
      {
        command: 'CreateDBParameterGroup',
        input: (value) =>
          present({
            DBParameterGroupName: value.name,
            DBParameterGroupFamily: value.family,
            Description: value.description,
            Tags: tagList(allTags(value)),
          }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
      parameters(),
    ],
    read: [
      {
        command: 'DescribeDBParameterGroups',
        input: ({ id }) => ({ DBParameterGroupName: id }),
        state: ({ DBParameterGroups }, { id }, at) => {
          const found = first(DBParameterGroups);
          if (found === undefined) return null;
          return {
            arn: plain(found.DBParameterGroupArn) ?? arnAt(at, 'rds', `pg:${text(id)}`),
            description: plain(found.Description),
            family: plain(found.DBParameterGroupFamily),
            name: id ?? null,
          };
        },
      },
    ],
    update: [{ ...parameters(), names: ['parameter'] }],
    delete: [{ command: 'DeleteDBParameterGroup', input: ({ id }) => ({ DBParameterGroupName: id }) }],
    tags: rdsTags,
    import: (id) => ({ name: id }),
  },
  aws_elasticache_replication_group: {
    service: 'elasticache',
    create: [
      {
        command: 'CreateReplicationGroup',
        input: (value) => ({ ...cacheInput(value), Tags: tagList(allTags(value)) }),
        result: (_, { replication_group_id: id }) => ({ id: id ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeReplicationGroups',
        input: ({ id }) => ({ ReplicationGroupId: id }),
        state: ({ ReplicationGroups }, value, at) => cacheState(first(ReplicationGroups), value, at),
      },
    ],
    delete: [
      {
        command: 'DeleteReplicationGroup',
        input: ({ id }) => ({ ReplicationGroupId: id, RetainPrimaryCluster: false }),
      },
    ],
    import: (id) => ({ replication_group_id: id }),
  },
};

function arnAt({ settings }: At, service: string, rest: string): string {
  return `arn:aws:${service}:${settings.region}:${settings.accountId}:${rest}`;
}

function tableInput(value: Known, { block }: At): Shape {
  const keys = [
    { AttributeName: value.hash_key, KeyType: 'HASH' },
    ...(value.range_key ? [{ AttributeName: value.range_key, KeyType: 'RANGE' }] : []),
  ];
  const attributes = shapes(toSdk(block, value, pascal, ['attribute']).Attribute);
  return present({
    TableName: value.name,
    BillingMode: value.billing_mode,
    KeySchema: keys,
    AttributeDefinitions: attributes.map(({ Name, Type }) => ({ AttributeName: Name, AttributeType: Type })),
    GlobalSecondaryIndexes: indexes(value, 'global_secondary_index'),
    LocalSecondaryIndexes: indexes(value, 'local_secondary_index'),
    ProvisionedThroughput: throughput(value),
    TableClass: value.table_class,
    DeletionProtectionEnabled: value.deletion_protection_enabled === true,
    SSESpecification: encryption(value),
    StreamSpecification:
      value.stream_enabled === true
        ? { StreamEnabled: true, StreamViewType: value.stream_view_type }
        : undefined,
  });
}

function throughput({
  billing_mode: mode,
  read_capacity: read,
  write_capacity: write,
}: Known): Shape | undefined {
  return mode === 'PROVISIONED'
    ? { ReadCapacityUnits: read ?? 1, WriteCapacityUnits: write ?? 1 }
    : undefined;
}

function indexes(value: Known, name: string): Shape[] | undefined {
  const blocks = (isList(value[name]) ? value[name] : []).filter(isObject);
  if (blocks.length === 0) return undefined;
  return blocks.map((index) =>
    present({
      IndexName: index.name,
      KeySchema: [
        { AttributeName: name.startsWith('local') ? value.hash_key : index.hash_key, KeyType: 'HASH' },
        ...(index.range_key ? [{ AttributeName: index.range_key, KeyType: 'RANGE' }] : []),
      ],
      Projection: present({
        ProjectionType: index.projection_type,
        NonKeyAttributes: texts(index.non_key_attributes).length > 0 ? index.non_key_attributes : undefined,
      }),
      ProvisionedThroughput: name.startsWith('global')
        ? throughput({ ...index, billing_mode: value.billing_mode ?? null })
        : undefined,
    }),
  );
}

function encryption({ server_side_encryption: blocks }: Known): Shape | undefined {
  const [block] = isList(blocks) ? blocks : [];
  if (!isObject(block) || block.enabled !== true) return undefined;
  return present({ Enabled: true, SSEType: 'KMS', KMSMasterKeyId: block.kms_key_arn || undefined });
}

function tableState(found: Shape, value: Known, { block }: At): ObjectValue {
  const keys = shapes(found.KeySchema);
  const keyOf = (kind: string) => plain(keys.find(({ KeyType }) => KeyType === kind)?.AttributeName);
  const summary = shape(found.BillingModeSummary);
  const sse = shape(found.SSEDescription);
  const inner = block.block_types.attribute?.block;
  const definitions = shapes(found.AttributeDefinitions);
  return {
    arn: plain(found.TableArn),
    attribute: inner
      ? definitions.map(({ AttributeName, AttributeType }) => ({
          name: plain(AttributeName),
          type: plain(AttributeType),
        }))
      : [],
    billing_mode: text(summary.BillingMode) || 'PROVISIONED',
    deletion_protection_enabled: found.DeletionProtectionEnabled === true,
    hash_key: keyOf('HASH'),
    name: plain(found.TableName),
    range_key: keyOf('RANGE'),
    server_side_encryption: encryptionState(sse, value),
    stream_arn: plain(found.LatestStreamArn),
    stream_label: plain(found.LatestStreamLabel),
    global_secondary_index: value.global_secondary_index ?? [],
  };
}

/** Off and not written are the same to AWS: the state keeps the words of the configuration. */
function encryptionState(sse: Shape, { server_side_encryption: written }: Known): Value {
  if (sse.Status === 'ENABLED') return [{ enabled: true, kms_key_arn: plain(sse.KMSMasterKeyArn) }];
  return first(written)?.enabled === false ? (written ?? []) : [];
}

function timeToLive(): Step {
  return {
    command: 'UpdateTimeToLive',
    when: ({ ttl }) => isList(ttl) && ttl.length > 0,
    input: ({ id, ttl }) => {
      const { enabled, attribute_name: AttributeName } = first(ttl) ?? {};
      return { TableName: id, TimeToLiveSpecification: { Enabled: enabled === true, AttributeName } };
    },
  };
}

function pointInTimeRecovery(): Step {
  return {
    command: 'UpdateContinuousBackups',
    when: ({ point_in_time_recovery: blocks }) => isList(blocks) && blocks.length > 0,
    input: ({ id, point_in_time_recovery: blocks }) => ({
      TableName: id,
      PointInTimeRecoverySpecification: present({
        PointInTimeRecoveryEnabled: first(blocks)?.enabled === true,
        RecoveryPeriodInDays: first(blocks)?.recovery_period_in_days,
      }),
    }),
  };
}

function databaseInput(value: Known): Shape {
  return present({
    DBInstanceIdentifier: value.identifier,
    DBInstanceClass: value.instance_class,
    Engine: value.engine,
    EngineVersion: value.engine_version,
    AllocatedStorage: value.allocated_storage,
    BackupRetentionPeriod: value.backup_retention_period,
    DBName: value.db_name || undefined,
    DBParameterGroupName: value.parameter_group_name || undefined,
    DBSubnetGroupName: value.db_subnet_group_name || undefined,
    DeletionProtection: value.deletion_protection,
    KmsKeyId: value.kms_key_id || undefined,
    ManageMasterUserPassword: value.manage_master_user_password ?? undefined,
    MasterUsername: value.username || undefined,
    MasterUserPassword: value.password_wo ?? value.password ?? undefined,
    MultiAZ: value.multi_az ?? undefined,
    Port: value.port ?? undefined,
    PubliclyAccessible: value.publicly_accessible,
    StorageEncrypted: value.storage_encrypted,
    StorageType: value.storage_type || undefined,
    VpcSecurityGroupIds: value.vpc_security_group_ids ?? undefined,
    Tags: tagList(allTags(value)),
  });
}

/** Where a Postgres server stands for the instance, its address is the instance's. */
function databaseState(found: Shape | undefined, value: Known, { options }: At): ObjectValue | null {
  if (found === undefined || found.DBInstanceStatus === 'deleting') return null;
  const endpoint = shape(found.Endpoint);
  const { host, port } = options.postgres ?? {
    host: text(endpoint.Address),
    port: Number(endpoint.Port ?? 5432),
  };
  const secret = shape(found.MasterUserSecret);
  return {
    address: host,
    arn: plain(found.DBInstanceArn),
    backup_retention_period: plain(found.BackupRetentionPeriod),
    db_name: plain(found.DBName),
    deletion_protection: found.DeletionProtection === true,
    endpoint: `${host}:${port}`,
    engine: plain(found.Engine),
    identifier: plain(found.DBInstanceIdentifier),
    instance_class: plain(found.DBInstanceClass),
    master_user_secret: secret.SecretArn
      ? [
          {
            kms_key_id: plain(secret.KmsKeyId),
            secret_arn: plain(secret.SecretArn),
            secret_status: plain(secret.SecretStatus),
          },
        ]
      : [],
    multi_az: found.MultiAZ === true,
    port: value.port ?? plain(endpoint.Port) ?? port,
    publicly_accessible: found.PubliclyAccessible === true,
    resource_id: plain(found.DbiResourceId),
    status: plain(found.DBInstanceStatus),
    storage_encrypted: found.StorageEncrypted === true,
    username: plain(found.MasterUsername),
  };
}

function parameters(): Step {
  return {
    command: 'ModifyDBParameterGroup',
    when: ({ parameter }) => isList(parameter) && parameter.length > 0,
    input: ({ id, parameter }) => ({
      DBParameterGroupName: id,
      Parameters: shapes(parameter).map(({ name, value, apply_method: method }) => ({
        ParameterName: name,
        ParameterValue: value,
        ApplyMethod: method ?? 'immediate',
      })),
    }),
  };
}

function subnetGroup(value: Known): Shape {
  return {
    DBSubnetGroupName: value.name,
    DBSubnetGroupDescription: value.description,
    SubnetIds: value.subnet_ids,
  };
}

function subnetGroupState(found: Shape): ObjectValue {
  return {
    description: plain(found.DBSubnetGroupDescription),
    subnet_ids: shapes(found.Subnets).map(({ SubnetIdentifier }) => text(SubnetIdentifier)),
    vpc_id: plain(found.VpcId),
  };
}

function cacheInput(value: Known): Shape {
  return present({
    ReplicationGroupId: value.replication_group_id,
    ReplicationGroupDescription: value.description,
    AtRestEncryptionEnabled:
      value.at_rest_encryption_enabled === null
        ? undefined
        : text(value.at_rest_encryption_enabled) === 'true',
    AuthToken: value.auth_token_wo ?? value.auth_token ?? undefined,
    AutomaticFailoverEnabled: value.automatic_failover_enabled,
    CacheNodeType: value.node_type || undefined,
    Engine: value.engine || undefined,
    EngineVersion: value.engine_version || undefined,
    KmsKeyId: value.kms_key_id || undefined,
    MultiAZEnabled: value.multi_az_enabled,
    NumCacheClusters: value.num_cache_clusters ?? undefined,
    NumNodeGroups: value.num_node_groups ?? undefined,
    Port: value.port ?? undefined,
    ReplicasPerNodeGroup: value.replicas_per_node_group ?? undefined,
    SecurityGroupIds: value.security_group_ids ?? undefined,
    TransitEncryptionEnabled: value.transit_encryption_enabled ?? undefined,
  });
}

/** Where a Redis server stands for the group, its address is the group's. */
function cacheState(found: Shape | undefined, value: Known, { options }: At): ObjectValue | null {
  if (found === undefined || found.Status === 'deleting') return null;
  const group = first(found.NodeGroups) ?? {};
  const primary = options.redis?.host ?? text(shape(group.PrimaryEndpoint).Address);
  const reader = options.redis?.host ?? text(shape(group.ReaderEndpoint).Address);
  return {
    arn: plain(found.ARN),
    description: plain(found.Description),
    member_clusters: texts(found.MemberClusters),
    port: value.port ?? options.redis?.port ?? 6379,
    primary_endpoint_address: primary,
    reader_endpoint_address: reader,
    replication_group_id: plain(found.ReplicationGroupId),
  };
}
