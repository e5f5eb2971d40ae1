import type { ObjectValue } from '../../protocol/value.ts';
import type { Known, Row, Rows, Step } from '../row.ts';
import { plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

/** SSM parameters, secrets and keys. */
export const configurationRows: Rows = {
  aws_ssm_parameter: {
    service: 'ssm',
    create: [
      {
        command: 'PutParameter',
        input: (value) => ({ ...parameter(value), Tags: tagList(allTags(value)), Overwrite: false }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'GetParameter',
        input: ({ id }) => ({ Name: id, WithDecryption: true }),
        state: ({ Parameter }, value) => parameterState(shape(Parameter), value),
      },
      {
        command: 'DescribeParameters',
        input: ({ id }) => ({ ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [id] }] }),
        state: ({ Parameters }) => {
          const [found = {}] = shapes(Parameters);
          return {
            allowed_pattern: plain(found.AllowedPattern),
            description: plain(found.Description),
            key_id: plain(found.KeyId),
            tier: text(found.Tier) || 'Standard',
          };
        },
      },
    ],
    update: [
      {
        command: 'PutParameter',
        names: [
          'allowed_pattern',
          'data_type',
          'description',
          'insecure_value',
          'tier',
          'type',
          'value',
          'value_wo_version',
        ],
        input: (value) => ({ ...parameter(value), Overwrite: true }),
      },
    ],
    delete: [{ command: 'DeleteParameter', input: ({ id }) => ({ Name: id }) }],
    tags: {
      read: {
        command: 'ListTagsForResource',
        input: ({ id }) => ({ ResourceType: 'Parameter', ResourceId: id }),
        tags: ({ TagList }) => tagsOf(TagList),
      },
      set: {
        command: 'AddTagsToResource',
        input: ({ id }, tags) => ({ ResourceType: 'Parameter', ResourceId: id, Tags: tagList(tags) }),
      },
      unset: {
        command: 'RemoveTagsFromResource',
        input: ({ id }, TagKeys) => ({ ResourceType: 'Parameter', ResourceId: id, TagKeys }),
      },
    },
    import: (id) => ({ name: id }),
  },
  aws_secretsmanager_secret: {
    service: 'secrets',
    create: [
      {
        command: 'CreateSecret',
        input: (value) =>
          present({
            Name: value.name,
            Description: value.description,
            KmsKeyId: value.kms_key_id,
            Tags: tagList(allTags(value)),
          }),
        result: ({ ARN }) => ({ id: plain(ARN), arn: plain(ARN) }),
      },
      putSecretPolicy('policy', ({ policy }) => Boolean(policy)),
    ],
    read: [
      {
        command: 'DescribeSecret',
        input: ({ id }) => ({ SecretId: id }),
        state: (answer) =>
          answer.DeletedDate === undefined
            ? {
                arn: plain(answer.ARN),
                description: plain(answer.Description),
                kms_key_id: plain(answer.KmsKeyId),
                name: plain(answer.Name),
              }
            : null,
      },
    ],
    update: [
      {
        command: 'UpdateSecret',
        names: ['description', 'kms_key_id'],
        input: (value) =>
          present({ SecretId: value.id, Description: value.description ?? '', KmsKeyId: value.kms_key_id }),
      },
      { ...putSecretPolicy('policy'), names: ['policy'] },
    ],
    delete: [
      {
        command: 'DeleteSecret',
        input: ({ id, recovery_window_in_days: days }) =>
          days === 0
            ? { SecretId: id, ForceDeleteWithoutRecovery: true }
            : present({ SecretId: id, RecoveryWindowInDays: days }),
      },
    ],
    tags: {
      read: {
        command: 'DescribeSecret',
        input: ({ id }) => ({ SecretId: id }),
        tags: ({ Tags }) => tagsOf(Tags),
      },
      set: { command: 'TagResource', input: ({ id }, tags) => ({ SecretId: id, Tags: tagList(tags) }) },
      unset: { command: 'UntagResource', input: ({ id }, TagKeys) => ({ SecretId: id, TagKeys }) },
    },
    import: (id) => ({ arn: id }),
  },
  aws_secretsmanager_secret_policy: {
    service: 'secrets',
    create: [
      {
        ...putSecretPolicy('policy', undefined, 'secret_arn'),
        result: (_, { secret_arn: arn }) => ({ id: arn ?? null }),
      },
    ],
    read: [
      {
        command: 'GetResourcePolicy',
        input: ({ id }) => ({ SecretId: id }),
        state: ({ ResourcePolicy }, { id }) =>
          ResourcePolicy === undefined ? null : { policy: plain(ResourcePolicy), secret_arn: id ?? null },
      },
    ],
    update: [putSecretPolicy('policy', undefined, 'secret_arn')],
    delete: [{ command: 'DeleteResourcePolicy', input: ({ id }) => ({ SecretId: id }) }],
  },
  aws_secretsmanager_secret_version: {
    service: 'secrets',
    create: [
      {
        command: 'PutSecretValue',
        input: (value) =>
          present({
            SecretId: value.secret_id,
            SecretString: value.secret_string_wo ?? value.secret_string,
            VersionStages: value.version_stages,
          }),
        result: ({ ARN, VersionId }, value) => ({
          id: `${text(value.secret_id)}|${text(VersionId)}`,
          arn: plain(ARN),
          secret_arn: plain(ARN),
          version_id: plain(VersionId),
          has_secret_string_wo: value.secret_string_wo !== null,
        }),
      },
    ],
    read: [
      {
        command: 'GetSecretValue',
        input: ({ id }) => ({ SecretId: text(id).split('|')[0], VersionId: text(id).split('|')[1] }),
        state: (answer, { secret_string: known, has_secret_string_wo: isHidden }) => ({
          arn: plain(answer.ARN),
          secret_arn: plain(answer.ARN),
          version_stages: texts(answer.VersionStages),
          secret_string: isHidden === true ? (known ?? null) : plain(answer.SecretString),
        }),
      },
    ],
    update: [],
    delete: [],
  },
  aws_kms_key: {
    service: 'kms',
    create: [
      {
        command: 'CreateKey',
        input: (value) =>
          present({
            Description: value.description,
            KeySpec: value.customer_master_key_spec,
            KeyUsage: value.key_usage,
            MultiRegion: value.multi_region,
            Policy: value.policy || undefined,
            Tags: kmsTags(allTags(value)),
          }),
        result: ({ KeyMetadata }) => ({
          id: plain(shape(KeyMetadata).KeyId),
          key_id: plain(shape(KeyMetadata).KeyId),
        }),
      },
      rotation(true),
    ],
    read: [
      {
        command: 'DescribeKey',
        input: ({ id }) => ({ KeyId: id }),
        state: ({ KeyMetadata }) => keyState(shape(KeyMetadata)),
      },
      {
        command: 'GetKeyRotationStatus',
        input: ({ id }) => ({ KeyId: id }),
        state: ({ KeyRotationEnabled }) => ({ enable_key_rotation: KeyRotationEnabled === true }),
      },
      {
        command: 'GetKeyPolicy',
        input: ({ id }) => ({ KeyId: id, PolicyName: 'default' }),
        state: ({ Policy }) => ({ policy: plain(Policy) }),
      },
    ],
    update: [
      { ...rotation(true), names: ['enable_key_rotation'] },
      { ...rotation(false), names: ['enable_key_rotation'] },
      {
        command: 'PutKeyPolicy',
        names: ['policy'],
        input: ({ id, policy }) => ({ KeyId: id, PolicyName: 'default', Policy: policy }),
      },
      {
        command: 'UpdateKeyDescription',
        names: ['description'],
        input: ({ id, description }) => ({ KeyId: id, Description: description ?? '' }),
      },
    ],
    delete: [
      {
        command: 'ScheduleKeyDeletion',
        input: ({ id, deletion_window_in_days: days }) => ({ KeyId: id, PendingWindowInDays: days ?? 30 }),
      },
    ],
    tags: {
      read: {
        command: 'ListResourceTags',
        input: ({ id }) => ({ KeyId: id }),
        tags: ({ Tags }) => tagsOf(Tags),
      },
      set: { command: 'TagResource', input: ({ id }, tags) => ({ KeyId: id, Tags: kmsTags(tags) }) },
      unset: { command: 'UntagResource', input: ({ id }, TagKeys) => ({ KeyId: id, TagKeys }) },
    },
    import: (id) => ({ key_id: id }),
  },
  aws_kms_alias: keyAlias(),
};

function parameter(value: Known): Shape {
  return present({
    Name: value.name,
    Type: value.type,
    Value: value.value_wo ?? value.value ?? value.insecure_value,
    Description: value.description,
    KeyId: value.key_id || undefined,
    Tier: value.tier || undefined,
    AllowedPattern: value.allowed_pattern,
    DataType: value.data_type || undefined,
  });
}

/** A value that was given write-only is in no state. */
function parameterState(found: Shape, value: Known): ObjectValue {
  const isHidden = value.has_value_wo === true || (value.value_wo ?? null) !== null;
  const isInsecure =
    value.insecure_value !== null && value.insecure_value !== undefined && value.insecure_value !== '';
  const answered = plain(found.Value);
  return {
    arn: plain(found.ARN),
    data_type: text(found.DataType) || 'text',
    has_value_wo: isHidden,
    insecure_value: isInsecure ? answered : null,
    name: plain(found.Name),
    type: plain(found.Type),
    value: isHidden ? '' : answered,
    version: plain(found.Version),
  };
}

function putSecretPolicy(name: string, when?: Step['when'], key = 'id'): Step {
  return {
    command: 'PutResourcePolicy',
    input: (value) => ({ SecretId: value[key], ResourcePolicy: value[name] }),
    ...(when && { when }),
  };
}

function rotation(isOn: boolean): Step {
  return {
    command: isOn ? 'EnableKeyRotation' : 'DisableKeyRotation',
    when: ({ enable_key_rotation: wanted }) => (wanted === true) === isOn,
    input: ({ id }) => ({ KeyId: id }),
  };
}

function kmsTags(tags: Readonly<Record<string, string>>): Shape[] | undefined {
  return tagList(tags)?.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));
}

/** A key that waits for its deletion is gone to Terraform. */
function keyState(found: Shape): ObjectValue | null {
  if (found.KeyState === 'PendingDeletion') return null;
  return {
    arn: plain(found.Arn),
    customer_master_key_spec: plain(found.KeySpec),
    description: plain(found.Description),
    is_enabled: found.Enabled !== false,
    key_id: plain(found.KeyId),
    key_usage: plain(found.KeyUsage),
    multi_region: found.MultiRegion === true,
  };
}

function keyAlias(): Row {
  return {
    service: 'kms',
    create: [
      {
        command: 'CreateAlias',
        input: ({ name, target_key_id: key }) => ({ AliasName: name, TargetKeyId: key }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'ListAliases',
        input: () => ({}),
        state: ({ Aliases }, { id, target_key_id: written }, { settings }) => {
          const found = shapes(Aliases).find(({ AliasName }) => AliasName === id);
          if (found === undefined) return null;
          const keyId = text(found.TargetKeyId);
          const keyArn = `arn:aws:kms:${settings.region}:${settings.accountId}:key/${keyId}`;
          return {
            arn: plain(found.AliasArn),
            name: plain(found.AliasName),
            target_key_arn: keyArn,
            target_key_id: text(written).endsWith(keyId) ? (written ?? null) : keyId,
          };
        },
      },
    ],
    update: [
      {
        command: 'UpdateAlias',
        names: ['target_key_id'],
        input: ({ id, target_key_id: key }) => ({ AliasName: id, TargetKeyId: key }),
      },
    ],
    delete: [{ command: 'DeleteAlias', input: ({ id }) => ({ AliasName: id }) }],
    import: (id) => ({ name: id }),
  };
}
