variables {
  prefix     = "/prod"
  parameters = { "database/host" = { description = "Address of the database.", value = "db.example" } }
  secure     = { "email-api/token" = { description = "Token of callers." } }
}

run "keeps_plain_values_plain_and_tokens_secret" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.plain["database/host"].name == "/prod/database/host" && aws_ssm_parameter.plain["database/host"].type == "String"
    error_message = "The plain parameter is not where it belongs."
  }

  assert {
    condition     = aws_ssm_parameter.secure["email-api/token"].name == "/prod/email-api/token" && aws_ssm_parameter.secure["email-api/token"].type == "SecureString" && aws_ssm_parameter.secure["email-api/token"].value_wo_version == 1
    error_message = "The token is no SecureString with a value that stays out of the state."
  }
}

run "refuses_a_token_in_the_open" {
  command = plan

  variables {
    parameters = { "email-api/token" = { description = "x", value = "hunter2" } }
  }

  expect_failures = [var.parameters]
}

run "refuses_a_short_token" {
  command = plan

  variables {
    secure = { "email-api/token" = { description = "x", length = 8 } }
  }

  expect_failures = [var.secure]
}

run "refuses_a_prefix_without_a_slash" {
  command = plan

  variables {
    prefix = "prod"
  }

  expect_failures = [var.prefix]
}
