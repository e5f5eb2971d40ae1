variables {
  name       = "shop-prod"
  production = true
  network    = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
}

run "survives_a_zone_and_a_bad_write" {
  command = plan

  assert {
    condition     = aws_db_instance.this.engine == "postgres" && aws_db_instance.this.multi_az && aws_db_instance.this.backup_retention_period == 7 && aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot
    error_message = "No standby, too few backups, or no protection against deletion."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible && aws_db_instance.this.iam_database_authentication_enabled && aws_db_instance.this.copy_tags_to_snapshot
    error_message = "Storage is plain, or the database is public."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && aws_secretsmanager_secret_rotation.master[0].rotation_rules[0].automatically_after_days == 30
    error_message = "The master password is known to Terraform, or never changes."
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value if parameter.name == "rds.force_ssl" } == { "rds.force_ssl" = "1" } && aws_db_parameter_group.this.family == "postgres17"
    error_message = "Connections without TLS are taken."
  }

  assert {
    condition     = aws_db_instance.this.performance_insights_enabled && aws_db_instance.this.monitoring_interval == 60 && contains(aws_db_instance.this.enabled_cloudwatch_logs_exports, "postgresql")
    error_message = "Nobody sees what the database does."
  }

  assert {
    condition     = length(aws_db_instance.replica) == 0 && length(aws_db_instance_automated_backups_replication.this) == 0
    error_message = "Something was made that nobody asked for."
  }
}

run "copies_backups_to_another_region_and_has_a_replica" {
  command = plan

  variables {
    backup_region = { region = "us-west-2", days = 14 }
    read_replicas = 1
    kms_key_arn   = "arn:aws:kms:us-east-1:123456789012:key/1"
    master_secret = { name = "shop/prod/database" }
  }

  assert {
    condition     = aws_db_instance_automated_backups_replication.this["this"].region == "us-west-2" && aws_db_instance_automated_backups_replication.this["this"].retention_period == 14 && aws_kms_key.backup_region["this"].region == "us-west-2"
    error_message = "Backups do not go to the second region with a key of their own."
  }

  assert {
    condition     = aws_db_instance.replica[0].replicate_source_db == "shop-prod" && aws_db_instance.replica[0].storage_encrypted
    error_message = "The replica does not follow the instance."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password == null && aws_db_instance.this.password_wo_version == 1 && length(aws_secretsmanager_secret_rotation.master) == 0
    error_message = "RDS keeps the master password itself, and refuses a replica of such an instance."
  }

  assert {
    condition     = aws_secretsmanager_secret.master[0].name == "shop/prod/database" && aws_secretsmanager_secret_version.master[0].secret_string_wo_version == 1 && aws_secretsmanager_secret_version.master[0].secret_string == null
    error_message = "The master password is nowhere, or known to Terraform."
  }

  assert {
    condition     = aws_db_instance.replica[0].max_allocated_storage == 100
    error_message = "The replica's storage does not grow with that of the instance it follows."
  }
}

run "refuses_replicas_without_a_place_for_the_password" {
  command = plan

  variables {
    read_replicas = 1
  }

  expect_failures = [var.read_replicas]
}

run "begins_as_a_copy_with_its_own_settings" {
  command = plan

  variables {
    production          = false
    name                = "shop-drill"
    restore_from        = { instance = "shop-prod" }
    deletion_protection = false
    final_snapshot      = false
  }

  assert {
    condition     = aws_db_instance.this.restore_to_point_in_time[0].source_db_instance_identifier == "shop-prod" && aws_db_instance.this.restore_to_point_in_time[0].use_latest_restorable_time && aws_db_instance.this.parameter_group_name == "shop-drill-postgres17" && aws_db_instance.this.manage_master_user_password
    error_message = "The copy comes up with AWS's defaults or the old password."
  }
}

run "refuses_one_zone_in_production" {
  command = plan

  variables {
    multi_az = false
  }

  expect_failures = [var.multi_az]
}

run "refuses_no_deletion_protection_in_production" {
  command = plan

  variables {
    deletion_protection = false
  }

  expect_failures = [var.deletion_protection]
}

run "refuses_no_last_snapshot_in_production" {
  command = plan

  variables {
    final_snapshot = false
  }

  expect_failures = [var.final_snapshot]
}

run "refuses_two_days_of_backups_in_production" {
  command = plan

  variables {
    backup_days = 2
  }

  expect_failures = [var.backup_days]
}

run "refuses_a_master_password_that_lives_a_year_in_production" {
  command = plan

  variables {
    master_password_days = 365
  }

  expect_failures = [var.master_password_days]
}

run "refuses_storage_that_cannot_grow" {
  command = plan

  variables {
    storage_gb = { initial = 100, limit = 100 }
  }

  expect_failures = [var.storage_gb]
}

run "refuses_one_subnet" {
  command = plan

  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] }
  }

  expect_failures = [var.network]
}
