import type { ObjectValue } from '../../protocol/value.ts';
import type { Row, Rows, Step } from '../row.ts';
import { plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

/** Keys and their aliases. */
export const kmsRows: Rows = {
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
