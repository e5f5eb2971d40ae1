variables {
  name       = "shop-prod"
  production = true
  resources  = { database = "arn:aws:rds:us-east-1:123456789012:db:shop-prod" }
}

run "backs_up_every_day" {
  command = plan

  assert {
    condition     = one(aws_backup_plan.this.rule).schedule == "cron(0 4 * * ? *)" && one(aws_backup_plan.this.rule).lifecycle[0].delete_after == 35 && aws_backup_selection.this.resources == toset(["arn:aws:rds:us-east-1:123456789012:db:shop-prod"])
    error_message = "The database is not backed up every day for 35 days."
  }

  assert {
    condition     = length(aws_backup_vault.copy) == 0 && length(aws_backup_vault_lock_configuration.this) == 0 && length(aws_backup_restore_testing_plan.this) == 0
    error_message = "Something was made that nobody asked for."
  }
}

run "copies_locks_and_tests" {
  command = apply

  variables {
    monthly_days = 365
    copy_region  = "us-west-2"
    lock_days    = 7
    restore_test = { types = { RDS = { overrides = { multiAz = "false" } }, DynamoDB = {} } }
  }

  assert {
    condition     = length(aws_backup_plan.this.rule) == 2 && aws_backup_vault.copy["us-west-2"].region == "us-west-2" && aws_backup_vault_lock_configuration.this["this"].min_retention_days == 7
    error_message = "Monthly backups, copies or the lock are missing."
  }

  assert {
    condition     = aws_backup_restore_testing_plan.this["this"].name == "shop_prod_restore" && aws_backup_restore_testing_plan.this["this"].recovery_point_selection[0].algorithm == "LATEST_WITHIN_WINDOW" && toset(keys(aws_backup_restore_testing_selection.this)) == toset(["RDS", "DynamoDB"])
    error_message = "Restores are not tested."
  }
}

run "refuses_a_plan_for_nothing" {
  command = plan

  variables {
    resources = {}
  }

  expect_failures = [var.resources]
}

run "refuses_a_week_in_production" {
  command = plan

  variables {
    daily = { days = 7 }
  }

  expect_failures = [var.daily]
}

run "refuses_a_lock_longer_than_backups_are_kept" {
  command = plan

  variables {
    lock_days = 90
  }

  expect_failures = [var.lock_days]
}

run "refuses_an_unknown_type" {
  command = plan

  variables {
    restore_test = { types = { Postgres = {} } }
  }

  expect_failures = [var.restore_test]
}
