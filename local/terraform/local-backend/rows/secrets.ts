import type { Rows, Step } from '../row.ts';
import { pascal, toSdk } from '../sdk-names.ts';
import { plain, present, shape, text, texts } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

/** Secrets, their values and policies. */
export const secretRows: Rows = {
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
  aws_secretsmanager_secret_rotation: {
    service: 'secrets',
    create: [{ ...rotate(), result: ({ ARN }) => ({ id: plain(ARN) }) }],
    read: [
      {
        command: 'DescribeSecret',
        input: ({ id }) => ({ SecretId: id }),
        state: (answer, { secret_id: known }) =>
          answer.RotationEnabled === true
            ? {
                rotation_enabled: true,
                rotation_lambda_arn: plain(answer.RotationLambdaARN) || null,
                rotation_rules: [
                  {
                    automatically_after_days: plain(shape(answer.RotationRules).AutomaticallyAfterDays),
                    duration: null,
                    schedule_expression: null,
                  },
                ],
                secret_id: known ?? plain(answer.ARN),
              }
            : null,
      },
    ],
    update: [rotate()],
    // The server behind keeps the rhythm of a secret that another service manages for as long as the secret is there.
    delete: [
      {
        command: 'CancelRotateSecret',
        when: ({ rotation_lambda_arn: arn }) => Boolean(arn),
        input: ({ id }) => ({ SecretId: id }),
      },
    ],
  },
};

function rotate(): Step {
  return {
    command: 'RotateSecret',
    input: (value, { block }) =>
      present({
        SecretId: value.secret_id,
        RotateImmediately: value.rotate_immediately,
        RotationLambdaARN: value.rotation_lambda_arn || undefined,
        ...toSdk(block, value, pascal, ['rotation_rules']),
      }),
  };
}

function putSecretPolicy(name: string, when?: Step['when'], key = 'id'): Step {
  return {
    command: 'PutResourcePolicy',
    input: (value) => ({ SecretId: value[key], ResourcePolicy: value[name] }),
    ...(when && { when }),
  };
}
