module "database" {
  source = "../../modules/rds-postgres"

  name                 = local.name
  production           = local.production
  network              = local.private
  instance_class       = local.settings.database.instance_class
  storage_gb           = local.settings.database.storage_gb
  multi_az             = local.settings.database.multi_az
  read_replicas        = local.settings.database.read_replicas
  master_secret        = { name = "${var.project}/${var.environment}/database", recovery_days = local.throwaway ? 0 : 30 }
  backup_days          = local.settings.database.backup_days
  backup_region        = local.settings.database.backup_region
  deletion_protection  = local.protected
  final_snapshot       = !local.throwaway
  restore_from         = var.restore_from
  kms_key_arn          = local.key_arn
  permissions_boundary = local.boundary
}

module "cache" {
  source = "../../modules/cache"

  name          = local.name
  production    = local.production
  network       = local.private
  node_type     = local.settings.cache.node_type
  nodes         = local.settings.cache.nodes
  secret_name   = "${var.project}/${var.environment}/cache"
  recovery_days = local.throwaway ? 0 : 30
  kms_key_arn   = local.key_arn
}

# A user's newest notifications, read at every start of the app; what is still to be sent is in the database.
module "notifications" {
  source = "../../modules/dynamodb"

  name                = "${local.name}-notifications"
  production          = local.production
  deletion_protection = local.protected
  kms_key_arn         = local.key_arn
}
