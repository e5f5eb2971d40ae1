/**
 * Types that the stacks have and the local AWS has nothing for, with the reason that Terraform shows as a warning.
 * They are kept in Terraform's state and nowhere else.
 */
export const stateOnlyTypes: Readonly<Record<string, string>> = {
  aws_backup_plan: 'the local AWS makes no backups.',
  aws_backup_restore_testing_plan: 'the local AWS tests no restores.',
  aws_backup_restore_testing_selection: 'the local AWS tests no restores.',
  aws_backup_selection: 'the local AWS makes no backups.',
  aws_db_instance_automated_backups_replication: 'the local AWS makes no backups.',
  aws_elasticache_parameter_group: 'the local cache is as its server is set up.',
  aws_elasticache_subnet_group: 'the local cache is in no subnet.',
};
