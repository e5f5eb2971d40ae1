variables {
  name = "shop-prod"
}

run "sees_into_containers_and_logs_shells" {
  command = plan

  assert {
    condition     = one([for setting in aws_ecs_cluster.this.setting : setting.value if setting.name == "containerInsights"]) == "enabled"
    error_message = "Container Insights is off."
  }

  assert {
    condition     = aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].logging == "OVERRIDE" && aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].log_configuration[0].cloud_watch_log_group_name == "/ecs/shop-prod/exec"
    error_message = "Interactive sessions are not logged."
  }

  assert {
    condition     = length(aws_service_discovery_private_dns_namespace.this) == 0
    error_message = "A namespace was made that nobody asked for."
  }
}

run "spreads_tasks_over_spot" {
  command = plan

  variables {
    spot          = { on_demand_base = 2, spot_percent = 70 }
    private_names = { vpc_id = "vpc-1" }
  }

  assert {
    condition     = { for strategy in aws_ecs_cluster_capacity_providers.this.default_capacity_provider_strategy : strategy.capacity_provider => [strategy.base, strategy.weight] } == { FARGATE = [2, 30], FARGATE_SPOT = [0, 70] }
    error_message = "Tasks are not spread 30 to 70 after the first two."
  }

  assert {
    condition     = aws_service_discovery_private_dns_namespace.this["this"].name == "shop-prod.internal"
    error_message = "Private names do not end in shop-prod.internal."
  }
}

run "refuses_a_share_above_all" {
  command = plan

  variables {
    spot = { spot_percent = 130 }
  }

  expect_failures = [var.spot]
}

run "refuses_unknown_insights" {
  command = plan

  variables {
    container_insights = "on"
  }

  expect_failures = [var.container_insights]
}
