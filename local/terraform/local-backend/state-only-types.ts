/**
 * Types that the stacks have and the local AWS cannot hold from creation to deletion, with the reason that Terraform
 * shows as a warning. They are kept in Terraform's state and nowhere else.
 *
 * What the server behind the local AWS (moto 5.2) lacks of each: of AWS Backup, to change a plan, and selections and
 * restore tests altogether; of ElastiCache, to change and delete a subnet group, and parameter groups altogether; of
 * RDS, to begin and end the copying of automated backups.
 */
export const stateOnlyTypes: Readonly<Record<string, string>> = {
  aws_backup_plan: 'the local AWS makes no backups, and could not change their plan.',
  aws_backup_restore_testing_plan: 'the local AWS tests no restores.',
  aws_backup_restore_testing_selection: 'the local AWS tests no restores.',
  aws_backup_selection: 'the local AWS makes no backups.',
  aws_db_instance_automated_backups_replication: 'the local AWS makes no backups that could be copied.',
  aws_elasticache_parameter_group: 'the local cache is as its server is set up.',
  aws_elasticache_subnet_group: 'the local cache is in no subnet, and its group could not be deleted.',
};
