resource "aws_security_group" "this" {
  name        = "${var.name}-postgres"
  description = "Database ${var.name}: its clients add their own rules"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-postgres" }
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres${var.engine_version}"
  description = "Settings of ${var.name}"
  family      = "postgres${var.engine_version}"

  # Connections without TLS are refused.
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = tostring(var.slow_query_ms)
  }

  # A transaction forgotten by a dead client holds back the vacuum of everyone.
  parameter {
    name  = "idle_in_transaction_session_timeout"
    value = "60000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  kept_by_rds = var.read_replicas == 0
}

ephemeral "aws_secretsmanager_random_password" "master" {
  count = local.kept_by_rds ? 0 : 1

  password_length            = 64
  exclude_punctuation        = true
  require_each_included_type = true
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157:A standby in a second zone is a variable that has to be true in production
  #checkov:skip=CKV_AWS_293:Deletion protection is a variable that has to be true in production
  #checkov:skip=CKV_AWS_354:The environment's key is used where it is given; development may go without one
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = var.restore_from == null ? var.database_name : null
  username       = var.restore_from == null ? "postgres" : null
  port           = 5432

  # RDS makes the password, keeps it in Secrets Manager and changes it; but such an instance can have no replicas. With
  # them it is made here and put into a secret. Terraform keeps neither.
  manage_master_user_password   = local.kept_by_rds ? true : null
  master_user_secret_kms_key_id = local.kept_by_rds ? var.kms_key_arn : null
  password_wo                   = local.kept_by_rds ? null : ephemeral.aws_secretsmanager_random_password.master[0].random_password
  password_wo_version           = local.kept_by_rds ? null : var.master_secret.version

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb.initial
  max_allocated_storage = var.storage_gb.limit
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  iam_database_authentication_enabled = true

  backup_retention_period   = var.backup_days
  backup_window             = "02:00-03:00"
  maintenance_window        = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.production
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = var.final_snapshot ? "${var.name}-final" : null

  auto_minor_version_upgrade            = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7

  # A copy comes up with AWS's defaults for everything that is not named above: no security group of ours, one zone.
  dynamic "restore_to_point_in_time" {
    for_each = var.restore_from[*]

    content {
      source_db_instance_identifier = restore_to_point_in_time.value.instance
      restore_time                  = restore_to_point_in_time.value.time
      use_latest_restorable_time    = restore_to_point_in_time.value.time == null ? true : null
    }
  }

  lifecycle {
    # Storage grows by itself, and RDS names the minor version it went to.
    ignore_changes = [allocated_storage, engine_version]
  }
}

resource "aws_secretsmanager_secret_rotation" "master" {
  count = local.kept_by_rds ? 1 : 0

  # Made by RDS with the instance; only its rhythm is ours.
  secret_id = aws_db_instance.this.master_user_secret[0].secret_arn

  rotation_rules {
    automatically_after_days = var.master_password_days
  }
}

resource "aws_secretsmanager_secret" "master" {
  count = local.kept_by_rds ? 0 : 1

  #checkov:skip=CKV_AWS_149:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV2_AWS_57:A new password is made by raising its version, as RDS changes none of an instance with replicas
  name                    = var.master_secret.name
  description             = "Master user of ${var.name}."
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.master_secret.recovery_days
}

resource "aws_secretsmanager_secret_version" "master" {
  count = local.kept_by_rds ? 0 : 1

  secret_id                = aws_secretsmanager_secret.master[0].id
  secret_string_wo_version = var.master_secret.version
  secret_string_wo = jsonencode({
    username = aws_db_instance.this.username
    password = ephemeral.aws_secretsmanager_random_password.master[0].random_password
  })
}

resource "aws_db_instance" "replica" {
  count = var.read_replicas

  #checkov:skip=CKV_AWS_157:A replica is what takes reads; the instance it follows has the standby
  #checkov:skip=CKV_AWS_133:Backups are those of the instance it follows
  #checkov:skip=CKV_AWS_293:A replica holds nothing that the instance it follows does not
  #checkov:skip=CKV_AWS_354:The environment's key is used where it is given; development may go without one
  identifier          = "${var.name}-replica-${count.index + 1}"
  replicate_source_db = aws_db_instance.this.identifier
  instance_class      = var.instance_class
  storage_type        = "gp3"
  storage_encrypted   = true

  # A replica that is full stops following, also when the storage of the instance has grown.
  max_allocated_storage = var.storage_gb.limit

  vpc_security_group_ids = [aws_security_group.this.id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false

  iam_database_authentication_enabled   = true
  auto_minor_version_upgrade            = true
  copy_tags_to_snapshot                 = true
  skip_final_snapshot                   = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
}
