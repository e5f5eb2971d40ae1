import type { Known, Rows, TagStyle } from '../row.ts';
import { type Naming, toSdk } from '../sdk-names.ts';
import { plain, present, type Shape, shape, shapes } from '../shape.ts';
import { allTags } from '../tags.ts';

const pascal: Naming = {
  style: 'pascal',
  names: {
    schedule: 'ScheduleExpression',
    target_vault_name: 'TargetBackupVaultName',
    start_window: 'StartWindowMinutes',
    completion_window: 'CompletionWindowMinutes',
    destination_vault_arn: 'DestinationBackupVaultArn',
    copy_action: 'CopyActions',
    cold_storage_after: 'MoveToColdStorageAfterDays',
    delete_after: 'DeleteAfterDays',
  },
};
/** Tags are set and not read: the server behind the local Backup does not find them again. */
const tags: TagStyle = {
  set: { command: 'TagResource', input: ({ arn }, Tags) => ({ ResourceArn: arn, Tags }) },
  unset: { command: 'UntagResource', input: ({ arn }, TagKeyList) => ({ ResourceArn: arn, TagKeyList }) },
};

/** Vaults and plans; nothing is backed up. */
export const backupRows: Rows = {
  aws_backup_vault: {
    service: 'backup',
    create: [
      {
        command: 'CreateBackupVault',
        input: (value) =>
          present({
            BackupVaultName: value.name,
            EncryptionKeyArn: value.kms_key_arn || undefined,
            BackupVaultTags: allTags(value),
          }),
        result: ({ BackupVaultArn }, { name }) => ({ id: name ?? null, arn: plain(BackupVaultArn) }),
      },
    ],
    read: [
      {
        command: 'DescribeBackupVault',
        input: ({ id }) => ({ BackupVaultName: id }),
        state: (answer, { tags_all: known }) => ({
          arn: plain(answer.BackupVaultArn),
          tags: known ?? {},
          kms_key_arn: plain(answer.EncryptionKeyArn),
          name: plain(answer.BackupVaultName),
          recovery_points: plain(answer.NumberOfRecoveryPoints) ?? 0,
        }),
      },
    ],
    delete: [{ command: 'DeleteBackupVault', input: ({ id }) => ({ BackupVaultName: id }) }],
    tags,
    import: (id) => ({ name: id }),
  },
  aws_backup_vault_lock_configuration: {
    service: 'backup',
    create: [
      {
        command: 'PutBackupVaultLockConfiguration',
        input: (value) =>
          present({
            BackupVaultName: value.backup_vault_name,
            ChangeableForDays: value.changeable_for_days,
            MaxRetentionDays: value.max_retention_days,
            MinRetentionDays: value.min_retention_days,
          }),
        result: (_, { backup_vault_name: name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeBackupVault',
        input: ({ id }) => ({ BackupVaultName: id }),
        state: (answer) =>
          answer.Locked === true
            ? {
                backup_vault_arn: plain(answer.BackupVaultArn),
                max_retention_days: plain(answer.MaxRetentionDays),
                min_retention_days: plain(answer.MinRetentionDays),
              }
            : null,
      },
    ],
    delete: [{ command: 'DeleteBackupVaultLockConfiguration', input: ({ id }) => ({ BackupVaultName: id }) }],
  },
  aws_backup_plan: {
    service: 'backup',
    create: [
      {
        command: 'CreateBackupPlan',
        input: (value, { block }) => ({
          BackupPlan: planInput(value, block),
          BackupPlanTags: allTags(value),
        }),
        result: (answer) => ({
          id: plain(answer.BackupPlanId),
          arn: plain(answer.BackupPlanArn),
          version: plain(answer.VersionId),
        }),
      },
    ],
    read: [
      {
        command: 'GetBackupPlan',
        input: ({ id }) => ({ BackupPlanId: id }),
        state: (answer, { tags_all: known }) => ({
          arn: plain(answer.BackupPlanArn),
          tags: known ?? {},
          name: plain(shape(answer.BackupPlan).BackupPlanName),
          version: plain(answer.VersionId),
        }),
      },
    ],
    update: [
      {
        command: 'UpdateBackupPlan',
        input: (value, { block }) => ({ BackupPlanId: value.id, BackupPlan: planInput(value, block) }),
        result: ({ VersionId }) => ({ version: plain(VersionId) }),
      },
    ],
    delete: [{ command: 'DeleteBackupPlan', input: ({ id }) => ({ BackupPlanId: id }) }],
    tags,
  },
};

function planInput(value: Known, block: Parameters<typeof toSdk>[0]): Shape {
  const { Rule } = toSdk(block, value, pascal, ['rule']);
  return { BackupPlanName: value.name, Rules: shapes(Rule) };
}
