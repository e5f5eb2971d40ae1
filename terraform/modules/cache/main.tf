resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Cache ${var.name}: its clients add their own rules"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-cache" }
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-${var.engine.family}"
  description = "Settings of ${var.name}"
  family      = var.engine.family

  # A full cache forgets what has an expiry and was used least, and never refuses to write.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }
}

ephemeral "aws_secretsmanager_random_password" "token" {
  password_length            = 64
  exclude_punctuation        = true
  require_each_included_type = true
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV_AWS_191:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_31:The token is a write-only argument, which the rule does not know
  #checkov:skip=CKV2_AWS_50:Failover needs two nodes, which production has to have
  replication_group_id = var.name
  description          = "Sessions, rate limits and live positions of ${var.name}"
  engine               = var.engine.name
  engine_version       = var.engine.version
  node_type            = var.node_type
  num_cache_clusters   = var.nodes
  port                 = 6379

  subnet_group_name    = aws_elasticache_subnet_group.this.name
  security_group_ids   = [aws_security_group.this.id]
  parameter_group_name = aws_elasticache_parameter_group.this.name

  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1
  auto_minor_version_upgrade = true
  maintenance_window         = "sun:03:00-sun:04:00"
  snapshot_window            = "01:00-02:00"
  snapshot_retention_limit   = var.snapshot_days
  notification_topic_arn     = var.topic_arn

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token_wo              = ephemeral.aws_secretsmanager_random_password.token.random_password
  auth_token_wo_version      = var.token_version
  # The old token stays valid beside the new one, so that running tasks keep their connections.
  auth_token_update_strategy = "ROTATE"
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV2_AWS_57:A new token is made by raising its version; the cache takes old and new one meanwhile
  name                    = var.secret_name
  description             = "Where the cache of ${var.name} is, and its token."
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo_version = var.token_version
  secret_string_wo = jsonencode({
    host     = aws_elasticache_replication_group.this.primary_endpoint_address
    port     = aws_elasticache_replication_group.this.port
    password = ephemeral.aws_secretsmanager_random_password.token.random_password
    url      = "rediss://:${ephemeral.aws_secretsmanager_random_password.token.random_password}@${aws_elasticache_replication_group.this.primary_endpoint_address}:${aws_elasticache_replication_group.this.port}"
  })
}
