variables {
  name       = "shop-prod-notifications"
  production = true
}

run "keeps_and_forgets_as_it_should" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.hash_key == "pk" && aws_dynamodb_table.this.range_key == "sk" && aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST"
    error_message = "The keys are not pk and sk."
  }

  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.deletion_protection_enabled && aws_dynamodb_table.this.ttl[0].attribute_name == "ttl"
    error_message = "The table cannot be restored, can be deleted, or never forgets."
  }
}

run "declares_each_key_once" {
  command = plan

  variables {
    indexes = { by_status = { hash_key = "status", range_key = "sk" } }
  }

  assert {
    condition     = toset([for attribute in aws_dynamodb_table.this.attribute : attribute.name]) == toset(["pk", "sk", "status"])
    error_message = "A key is declared twice or not at all."
  }
}

run "refuses_no_recovery_in_production" {
  command = plan

  variables {
    point_in_time_recovery = false
  }

  expect_failures = [var.point_in_time_recovery]
}

run "refuses_no_deletion_protection_in_production" {
  command = plan

  variables {
    deletion_protection = false
  }

  expect_failures = [var.deletion_protection]
}
