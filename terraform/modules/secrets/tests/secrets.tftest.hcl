variables {
  prefix  = "shop/prod"
  secrets = { "db/orders" = { description = "User of the schema orders.", generate = {}, fields = { username = "orders" } }, providers = { description = "Put in by hand." } }
}

run "makes_passwords_that_no_state_holds" {
  command = plan

  assert {
    condition     = toset([for secret in values(aws_secretsmanager_secret.this) : secret.name]) == toset(["shop/prod/db/orders", "shop/prod/providers"]) && keys(aws_secretsmanager_secret_version.generated) == ["db/orders"]
    error_message = "The secrets are not where they belong, or a value was made for one that is put in by hand."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.generated["db/orders"].secret_string == null && aws_secretsmanager_secret_version.generated["db/orders"].secret_string_wo_version == 1
    error_message = "The password stands in the state."
  }

  assert {
    condition     = alltrue([for secret in values(aws_secretsmanager_secret.this) : secret.recovery_window_in_days == 30])
    error_message = "A deleted secret cannot be got back for a month."
  }
}

run "refuses_a_short_password" {
  command = plan

  variables {
    secrets = { "db/orders" = { description = "x", generate = { length = 12 } } }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_password_in_the_configuration" {
  command = plan

  variables {
    secrets = { "db/orders" = { description = "x", fields = { password = "hunter2" } } }
  }

  expect_failures = [var.secrets]
}

run "refuses_to_forget_production_at_once" {
  command = plan

  variables {
    production    = true
    recovery_days = 0
  }

  expect_failures = [var.recovery_days]
}
