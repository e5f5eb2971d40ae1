import type { Rows, TagStyle } from '../row.ts';
import { plain, present } from '../shape.ts';
import { allTags } from '../tags.ts';

/** Tags are set and not read: the server behind the local Backup does not find them again. */
const tags: TagStyle = {
  set: { command: 'TagResource', input: ({ arn }, Tags) => ({ ResourceArn: arn, Tags }) },
  unset: { command: 'UntagResource', input: ({ arn }, TagKeyList) => ({ ResourceArn: arn, TagKeyList }) },
};

/** Vaults; nothing is backed up. */
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
};
