import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { At, Known, Rows, Step } from '../row.ts';
import { pascal, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

/** Tables. */
export const dynamodbRows: Rows = {
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
};

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
