variables {
  name        = "shop-prod"
  cluster_arn = "arn:aws:ecs:us-east-1:123456789012:cluster/shop-prod"
  network     = { subnet_ids = ["subnet-1", "subnet-2"] }

  schedules = {
    partitions = {
      expression        = "cron(0 3 1 * ? *)"
      timezone          = "Europe/Berlin"
      family            = "shop-prod-tracking"
      container         = "tracking"
      command           = ["node", "/app/main.cjs", "partitions"]
      security_group_id = "sg-tracking"
      role_arns         = ["arn:aws:iam::123456789012:role/shop-prod-tracking-task", "arn:aws:iam::123456789012:role/shop-prod-tracking-execution"]
    }
  }
}

run "runs_the_newest_revision_with_the_services_roles" {
  command = plan

  assert {
    condition     = aws_scheduler_schedule.this["partitions"].target[0].ecs_parameters[0].task_definition_arn == "arn:aws:ecs:us-east-1:123456789012:task-definition/shop-prod-tracking" && aws_scheduler_schedule.this["partitions"].schedule_expression_timezone == "Europe/Berlin"
    error_message = "The task is not the newest revision of its family, in its time zone."
  }

  assert {
    condition     = jsondecode(aws_scheduler_schedule.this["partitions"].target[0].input).containerOverrides[0].command == ["node", "/app/main.cjs", "partitions"] && aws_scheduler_schedule.this["partitions"].target[0].ecs_parameters[0].network_configuration[0].assign_public_ip == false
    error_message = "The container does not run the command, or has a public address."
  }

  assert {
    condition     = length(aws_iam_role.this) == 1 && aws_iam_role.this["partitions"].name == "shop-prod-partitions-schedule"
    error_message = "The schedule has no role of its own."
  }
}

run "refuses_what_is_no_time" {
  command = plan

  variables {
    schedules = { x = { expression = "daily", family = "f", container = "c", command = ["x"], security_group_id = "sg", role_arns = ["arn:x"] } }
  }

  expect_failures = [var.schedules]
}

run "refuses_a_revision" {
  command = plan

  variables {
    schedules = { x = { expression = "rate(1 day)", family = "f:3", container = "c", command = ["x"], security_group_id = "sg", role_arns = ["arn:x"] } }
  }

  expect_failures = [var.schedules]
}

run "refuses_no_command" {
  command = plan

  variables {
    schedules = { x = { expression = "rate(1 day)", family = "f", container = "c", command = [], security_group_id = "sg", role_arns = ["arn:x"] } }
  }

  expect_failures = [var.schedules]
}
