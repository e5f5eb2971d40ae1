# A key cannot leave its region, so the copies there have one of their own.
resource "aws_kms_key" "backup_region" {
  for_each = toset(var.backup_region == null ? [] : ["this"])

  #checkov:skip=CKV2_AWS_64:The default policy gives the key to this account, whose roles say who may use it
  region                  = var.backup_region.region
  description             = "Backups of ${var.name} in ${var.backup_region.region}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_db_instance_automated_backups_replication" "this" {
  for_each = toset(var.backup_region == null ? [] : ["this"])

  region                 = var.backup_region.region
  source_db_instance_arn = aws_db_instance.this.arn
  kms_key_id             = aws_kms_key.backup_region[each.key].arn
  retention_period       = var.backup_region.days
}
