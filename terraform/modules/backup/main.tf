data "aws_partition" "this" {}

resource "aws_backup_vault" "this" {
  #checkov:skip=CKV_AWS_166:The environment's key is used where it is given; development may go without one
  name        = var.name
  kms_key_arn = var.kms_key_arn
}

resource "aws_backup_vault_lock_configuration" "this" {
  for_each = toset(var.lock_days > 0 ? ["this"] : [])

  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = var.lock_days
}

# A key cannot leave its region, so the copies there have one of their own.
resource "aws_kms_key" "copy" {
  for_each = toset(var.copy_region[*])

  #checkov:skip=CKV2_AWS_64:The default policy gives the key to this account, whose roles say who may use it
  region                  = each.key
  description             = "Copies of backups of ${var.name} in ${each.key}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_backup_vault" "copy" {
  for_each = aws_kms_key.copy

  region      = each.key
  name        = "${var.name}-copy"
  kms_key_arn = each.value.arn
}

locals {
  rules = merge(
    { daily = { cron = var.daily.cron, days = var.daily.days } },
    var.monthly_days > 0 ? { monthly = { cron = "0 5 1 * ? *", days = var.monthly_days } } : {},
  )
}

resource "aws_backup_plan" "this" {
  name = var.name

  dynamic "rule" {
    for_each = local.rules

    content {
      rule_name                    = rule.key
      target_vault_name            = aws_backup_vault.this.name
      schedule                     = "cron(${rule.value.cron})"
      schedule_expression_timezone = var.daily.timezone
      start_window                 = 60
      completion_window            = 240

      lifecycle {
        delete_after = rule.value.days
      }

      dynamic "copy_action" {
        for_each = aws_backup_vault.copy

        content {
          destination_vault_arn = copy_action.value.arn

          lifecycle {
            delete_after = rule.value.days
          }
        }
      }
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-backup"
  description          = "Backs up and restores what ${var.name} keeps."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset([
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
  ])

  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/${each.key}"
}

resource "aws_backup_selection" "this" {
  name         = var.name
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn
  resources    = values(var.resources)
}
