module "backup" {
  source   = "../../modules/backup"
  for_each = toset(local.settings.backup == null ? [] : ["this"])

  name                 = local.name
  production           = local.production
  daily                = { days = local.settings.backup.days }
  monthly_days         = local.settings.backup.monthly_days
  copy_region          = local.settings.backup.copy_region
  lock_days            = var.rehearsal ? 0 : local.settings.backup.lock_days
  kms_key_arn          = local.key_arn
  permissions_boundary = local.boundary

  resources = merge(
    { database = module.database.arn, notifications = module.notifications.arn },
    { for name, bucket in module.bucket : name => bucket.arn },
  )

  restore_test = !local.settings.backup.restore_test ? null : {
    types = {
      # A copy comes up open to the default security group of the default VPC unless it is told where it belongs.
      RDS      = { overrides = { dbSubnetGroupName = local.name, vpcSecurityGroupIds = jsonencode([module.database.security_group_id]), multiAz = "false" } }
      DynamoDB = {}
      S3       = {}
    }
  }
}
