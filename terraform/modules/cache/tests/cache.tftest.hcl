variables {
  name        = "shop-prod"
  production  = true
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  secret_name = "shop/prod/cache"
}

run "is_encrypted_and_has_a_second_node" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.engine == "valkey" && aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required" && aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true"
    error_message = "Data travels or rests in plain."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 2 && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "No second node takes over."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.auth_token == null && aws_elasticache_replication_group.this.auth_token_wo_version == 1 && aws_secretsmanager_secret_version.this.secret_string == null && aws_secretsmanager_secret.this.name == "shop/prod/cache"
    error_message = "The token is kept in the state, or nowhere."
  }
}

run "takes_redis" {
  command = plan

  variables {
    engine = { name = "redis", version = "7.1", family = "redis7" }
  }

  assert {
    condition     = aws_elasticache_parameter_group.this.family == "redis7"
    error_message = "Redis does not get a parameter family of its own."
  }
}

run "refuses_one_node_in_production" {
  command = plan

  variables {
    nodes = 1
  }

  expect_failures = [var.nodes]
}

run "refuses_a_family_of_another_engine" {
  command = plan

  variables {
    engine = { name = "redis", version = "7.1" }
  }

  expect_failures = [var.engine]
}
