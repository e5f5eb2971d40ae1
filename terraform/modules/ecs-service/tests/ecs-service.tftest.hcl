variables {
  name        = "shop-prod"
  environment = "prod"
  production  = true
  service     = "gateway"
  cluster     = { arn = "arn:aws:ecs:us-east-1:123456789012:cluster/shop-prod", name = "shop-prod" }
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  scaling     = { min = 2, max = 6 }

  task = {
    image          = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/gateway@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    repository_arn = "arn:aws:ecr:us-east-1:123456789012:repository/shop/gateway"
    port           = 8080
  }
}

run "rolls_with_breaker_and_without_a_gap" {
  command = plan

  assert {
    condition     = aws_ecs_service.rolling["this"].deployment_minimum_healthy_percent == 100 && aws_ecs_service.rolling["this"].deployment_maximum_percent == 200
    error_message = "New tasks do not start before old ones stop."
  }

  assert {
    condition     = aws_ecs_service.rolling["this"].deployment_circuit_breaker[0].enable && aws_ecs_service.rolling["this"].deployment_circuit_breaker[0].rollback && length(aws_ecs_service.shifting) == 0
    error_message = "The circuit breaker does not turn a deployment back."
  }

  assert {
    condition     = aws_ecs_service.rolling["this"].network_configuration[0].assign_public_ip == false && length(aws_ecs_service.rolling["this"].network_configuration[0].subnets) == 2
    error_message = "Tasks have public addresses, or are not spread over the subnets."
  }

  assert {
    condition     = aws_ecs_service.rolling["this"].desired_count == 2 && aws_ecs_service.rolling["this"].enable_execute_command == false
    error_message = "It does not begin with two tasks, or opens shells."
  }
}

run "publishes_a_template_without_an_image" {
  command = apply

  variables {
    task = {
      image          = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/gateway@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      repository_arn = "arn:aws:ecr:us-east-1:123456789012:repository/shop/gateway"
      port           = 8080
      environment    = { PORT = "8080" }
      secrets        = { REDIS_URL = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/prod/cache-AbCdEf:url::" }
      parameters     = { TOKEN = "arn:aws:ssm:us-east-1:123456789012:parameter/prod/token" }
      health_command = ["CMD", "node", "/app/main.cjs", "health"]
      writable_paths = { scratch = "/tmp" }
    }
  }

  assert {
    condition     = aws_ssm_parameter.template.name == "/prod/gateway/task-definition" && jsondecode(aws_ssm_parameter.template.value).family == "shop-prod-gateway"
    error_message = "The template is not where render-task-def looks for it."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.template.value).containerDefinitions[0].image == "gateway" && jsondecode(aws_ecs_task_definition.bootstrap.container_definitions)[0].image == var.task.image
    error_message = "The template names an image, or the bootstrap revision does not."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.template.value).cpu == "256" && jsondecode(aws_ssm_parameter.template.value).memory == "512" && jsondecode(aws_ssm_parameter.template.value).networkMode == "awsvpc"
    error_message = "The template's size or network mode is wrong."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.template.value).taskRoleArn == aws_iam_role.task.arn && jsondecode(aws_ssm_parameter.template.value).executionRoleArn == aws_iam_role.execution.arn
    error_message = "The template does not name the service's roles."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.template.value).containerDefinitions[0].readonlyRootFilesystem && jsondecode(aws_ssm_parameter.template.value).containerDefinitions[0].logConfiguration.options.awslogs-group == "/ecs/shop-prod-gateway"
    error_message = "The root file system is writable, or logs go nowhere."
  }

  assert {
    condition     = [for secret in jsondecode(aws_ssm_parameter.template.value).containerDefinitions[0].secrets : secret.name] == ["REDIS_URL", "TOKEN"] && jsondecode(aws_ssm_parameter.template.value).volumes[0].name == "scratch"
    error_message = "Secrets, parameters or volumes are missing."
  }

  assert {
    condition     = aws_ecs_task_definition.bootstrap.skip_destroy
    error_message = "Destroying would deregister a revision that a rollback may need."
  }

  # The execution role reads what ECS fetches, each by its own ARN and nothing else.
  assert {
    condition     = { for statement in jsondecode(data.aws_iam_policy_document.execution.json).Statement : statement.Sid => statement.Resource if contains(["ReadSecrets", "ReadParameters", "PullImage"], statement.Sid) } == { ReadSecrets = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/prod/cache-AbCdEf", ReadParameters = "arn:aws:ssm:us-east-1:123456789012:parameter/prod/token", PullImage = "arn:aws:ecr:us-east-1:123456789012:repository/shop/gateway" }
    error_message = "The execution role reads other things than the service's own."
  }
}

run "gives_its_code_what_was_named_and_no_more" {
  command = plan

  variables {
    permissions = { SendMails = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:us-east-1:123456789012:email"] } }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.task["this"].policy).Statement[0].Action == "sqs:SendMessage" && jsondecode(aws_iam_role_policy.task["this"].policy).Statement[0].Resource == "arn:aws:sqs:us-east-1:123456789012:email" && length(jsondecode(aws_iam_role_policy.task["this"].policy).Statement) == 1
    error_message = "The task role has other permissions than those named."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Principal.Service == "ecs-tasks.amazonaws.com" && jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Others than this account's tasks may take the role."
  }
}

run "takes_traffic_from_the_load_balancer_and_named_peers_only" {
  command = plan

  variables {
    peers       = { order = "sg-order" }
    connects_to = { database = { security_group_id = "sg-database", port = 5432 } }
    load_balancer = {
      listener_arn      = "arn:listener"
      security_group_id = "sg-balancer"
      arn_suffix        = "app/shop-prod/1"
      priority          = 10
      paths             = ["/*"]
    }
  }

  assert {
    condition     = [for rule in concat(values(aws_vpc_security_group_ingress_rule.balancer), values(aws_vpc_security_group_ingress_rule.peer)) : "${rule.referenced_security_group_id} ${rule.from_port}-${rule.to_port}${rule.cidr_ipv4 == null ? "" : rule.cidr_ipv4}"] == ["sg-balancer 8080-8080", "sg-order 8080-8080"]
    error_message = "Something else than the load balancer and the peer reaches the port."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.target["database"].security_group_id == "sg-database" && aws_vpc_security_group_ingress_rule.target["database"].from_port == 5432 && aws_vpc_security_group_egress_rule.target["database"].to_port == 5432
    error_message = "The database does not take the service, on 5432 only."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.internet["this"].from_port == 443 && aws_vpc_security_group_egress_rule.internet["this"].to_port == 443
    error_message = "The way out is not HTTPS only."
  }

  assert {
    condition     = keys(aws_lb_target_group.this) == ["only"] && aws_lb_target_group.this["only"].name == "shop-prod-gateway" && aws_lb_target_group.this["only"].health_check[0].path == "/health" && aws_lb_target_group.this["only"].target_type == "ip"
    error_message = "A rolling service does not have one target group that is checked at /health."
  }

  assert {
    condition     = aws_ecs_service.rolling["this"].health_check_grace_period_seconds == 60 && aws_ecs_service.rolling["this"].alarms[0].rollback && aws_ecs_service.rolling["this"].alarms[0].alarm_names == toset(["shop-prod-gateway-errors", "shop-prod-gateway-latency"])
    error_message = "Errors and latency do not turn a deployment back."
  }
}

run "shifts_traffic_between_two_groups" {
  command = apply

  variables {
    deployment = { strategy = "canary", step_percent = 5, step_bake_minutes = 3, bake_minutes = 15, pause_at = { POST_TEST_TRAFFIC_SHIFT = 60 } }
    scaling    = { min = 2, max = 6, requests_per_task = 1000 }
    load_balancer = {
      listener_arn      = "arn:listener"
      has_test_listener = true
      test_listener_arn = "arn:test"
      security_group_id = "sg-balancer"
      arn_suffix        = "app/shop-prod/1"
      priority          = 10
      paths             = ["/*"]
    }
  }

  assert {
    condition     = length(aws_ecs_service.rolling) == 0 && aws_ecs_service.shifting["this"].deployment_configuration[0].strategy == "CANARY" && aws_ecs_service.shifting["this"].deployment_configuration[0].bake_time_in_minutes == "15"
    error_message = "The service is not of the shifting class with its bake time."
  }

  assert {
    condition     = aws_ecs_service.shifting["this"].deployment_configuration[0].canary_configuration[0].canary_percent == 5 && aws_ecs_service.shifting["this"].deployment_configuration[0].canary_configuration[0].canary_bake_time_in_minutes == "3"
    error_message = "The canary's step is not 5 % for 3 minutes."
  }

  assert {
    condition     = one(aws_ecs_service.shifting["this"].deployment_configuration[0].lifecycle_hook).target_type == "PAUSE" && one(aws_ecs_service.shifting["this"].deployment_configuration[0].lifecycle_hook).timeout_configuration[0].action == "ROLLBACK"
    error_message = "It does not pause, or goes on when nobody answers."
  }

  assert {
    condition     = one(aws_ecs_service.shifting["this"].load_balancer).advanced_configuration[0].alternate_target_group_arn == aws_lb_target_group.this["green"].arn && one(aws_ecs_service.shifting["this"].load_balancer).advanced_configuration[0].test_listener_rule == aws_lb_listener_rule.shifting["test"].arn
    error_message = "The second target group or the test rule is missing."
  }

  assert {
    condition     = { for group in aws_lb_listener_rule.shifting["production"].action[0].forward[0].target_group : group.arn => group.weight } == { (aws_lb_target_group.this["blue"].arn) = 100, (aws_lb_target_group.this["green"].arn) = 0 }
    error_message = "It does not begin with all traffic on blue."
  }

  # AWS's guide has no condition here; one whose key ECS does not send would keep it from every listener rule.
  assert {
    condition     = [for statement in jsondecode(aws_iam_role.shift["this"].assume_role_policy).Statement : [statement.Principal.Service, try(statement.Condition, "none")]] == [["ecs.amazonaws.com", "none"]]
    error_message = "ECS cannot take the role that shifts traffic, or others can."
  }

  assert {
    condition     = length(aws_appautoscaling_policy.shifting_requests) == 1 && !contains(keys(aws_appautoscaling_policy.predefined), "requests")
    error_message = "Requests are counted over one target group only."
  }
}

run "scales_on_cpu_memory_requests_queue_and_metrics" {
  command = plan

  variables {
    load_balancer = {
      listener_arn      = "arn:listener"
      security_group_id = "sg-balancer"
      arn_suffix        = "app/shop-prod/1"
      priority          = 10
      paths             = ["/*"]
    }

    scaling = {
      min               = 1
      max               = 3
      requests_per_task = 1000
      queue             = { name = "shop-prod-email", messages_per_task = 100 }
      metrics           = { depth = { namespace = "Berth", name = "dispatch_queue_depth", target = 50 } }
      schedules         = { night = { cron = "0 22 * * ? *", min = 0, max = 1 } }
    }
  }

  assert {
    condition     = { for kind, policy in aws_appautoscaling_policy.predefined : kind => policy.target_tracking_scaling_policy_configuration[0].target_value } == { cpu = 70, memory = 80, requests = 1000 }
    error_message = "The targets are not CPU 70 %, memory 80 % and 1000 requests."
  }

  assert {
    condition     = alltrue([for policy in values(aws_appautoscaling_policy.predefined) : policy.target_tracking_scaling_policy_configuration[0].scale_out_cooldown == 60 && policy.target_tracking_scaling_policy_configuration[0].scale_in_cooldown == 300])
    error_message = "The cooldowns are not 60 s out and 300 s in."
  }

  assert {
    condition     = aws_appautoscaling_target.scheduled["this"].min_capacity == 1 && aws_appautoscaling_target.scheduled["this"].max_capacity == 3 && aws_appautoscaling_target.scheduled["this"].resource_id == "service/shop-prod/gateway"
    error_message = "The bounds are not 1 to 3."
  }

  # While no task runs the count is 0 or has no data, and must not divide.
  assert {
    condition     = one([for metric in aws_appautoscaling_policy.queue["this"].target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metrics : metric.expression if metric.id == "backlog"]) == "messages / IF(FILL(tasks, 0) > 0, tasks, 1)"
    error_message = "The backlog per task divides by zero."
  }

  assert {
    condition     = aws_appautoscaling_policy.custom["depth"].target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metric_name == "dispatch_queue_depth" && aws_appautoscaling_scheduled_action.this["night"].scalable_target_action[0].max_capacity == "1"
    error_message = "The custom metric or the schedule is missing."
  }
}

run "replaces_one_task_at_a_time_where_asked" {
  command = plan

  variables {
    deployment = { one_by_one = true }
    scaling    = { min = 3, max = 6 }
  }

  assert {
    condition     = aws_ecs_service.rolling["this"].deployment_maximum_percent == 134 && aws_ecs_service.rolling["this"].deployment_minimum_healthy_percent == 100
    error_message = "With three tasks, one at a time is at most 134 percent."
  }
}

run "has_a_private_name_where_asked" {
  command = plan

  variables {
    discovery = { mode = "service_connect", namespace_arn = "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1" }
  }

  assert {
    condition     = aws_ecs_service.rolling["this"].service_connect_configuration[0].service[0].client_alias[0].dns_name == "gateway" && length(aws_service_discovery_service.this) == 0
    error_message = "The service is not reached by its name."
  }
}

run "has_its_tasks_in_dns_where_asked" {
  command = plan

  variables {
    discovery = { mode = "cloud_map", namespace_id = "ns-1" }
  }

  # A block that is empty is neither sent nor kept by the provider, which then replaces the name at every plan.
  assert {
    condition     = aws_service_discovery_service.this["this"].health_check_custom_config[0].failure_threshold == 1
    error_message = "ECS cannot take an ill task out of DNS."
  }

  assert {
    condition     = length(aws_ecs_service.rolling["this"].service_registries) == 1 && length(aws_ecs_service.rolling["this"].service_connect_configuration) == 0
    error_message = "Its tasks are not in DNS, or have a proxy beside them."
  }
}

run "watches_itself" {
  command = plan

  assert {
    condition     = { for kind, alarm in aws_cloudwatch_metric_alarm.utilization : kind => [alarm.metric_name, alarm.threshold] } == { cpu = ["CPUUtilization", 90], memory = ["MemoryUtilization", 90] } && aws_cloudwatch_metric_alarm.running["this"].threshold == 2
    error_message = "CPU, memory or the number of tasks is not watched."
  }
}

run "lets_shells_in_where_it_may_and_logs_them" {
  command = plan

  variables {
    production = false
    exec       = true
  }

  assert {
    condition     = toset([for statement in jsondecode(aws_iam_role_policy.task["this"].policy).Statement : statement.Sid]) == toset(["InteractiveSessions", "LogInteractiveSessions"]) && aws_ecs_service.rolling["this"].enable_execute_command
    error_message = "A shell cannot be opened, or nobody sees what was typed."
  }
}

run "refuses_an_image_by_tag" {
  command = plan

  variables {
    task = { image = "shop/gateway:latest", repository_arn = "arn:x", port = 8080 }
  }

  expect_failures = [var.task]
}

run "refuses_a_size_fargate_does_not_have" {
  command = plan

  variables {
    task = {
      image          = "r@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      repository_arn = "arn:x"
      port           = 8080
      cpu            = 256
      memory         = 4096
    }
  }

  expect_failures = [var.task]
}

run "refuses_a_password_in_the_open" {
  command = plan

  variables {
    task = {
      image          = "r@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      repository_arn = "arn:x"
      port           = 8080
      environment    = { DB_PASSWORD = "hunter2" }
    }
  }

  expect_failures = [var.task]
}

run "refuses_a_name_that_is_too_long" {
  command = plan

  variables {
    service = "notification-planner-x"
    load_balancer = {
      listener_arn      = "arn:listener"
      security_group_id = "sg-balancer"
      arn_suffix        = "app/shop-prod/1"
      priority          = 10
      paths             = ["/*"]
    }
    deployment = { strategy = "blue-green" }
  }

  expect_failures = [var.service]
}

run "refuses_patterns_in_permissions" {
  command = plan

  variables {
    permissions = { All = { actions = ["sqs:*"], resources = ["*"] } }
  }

  expect_failures = [var.permissions]
}

run "refuses_a_range_as_a_peer" {
  command = plan

  variables {
    peers = { everyone = "10.0.0.0/16" }
  }

  expect_failures = [var.peers]
}

run "refuses_to_shift_without_a_load_balancer" {
  command = plan

  variables {
    deployment = { strategy = "canary" }
  }

  expect_failures = [var.deployment]
}

run "refuses_percents_that_replace_nothing" {
  command = plan

  variables {
    deployment = { minimum_healthy_percent = 100, maximum_percent = 100 }
  }

  expect_failures = [var.deployment]
}

run "refuses_a_stage_ecs_does_not_have" {
  command = plan

  variables {
    deployment = { pause_at = { BEFORE_LUNCH = 60 } }
  }

  expect_failures = [var.deployment]
}

run "refuses_a_queue_that_nobody_would_ever_start_on" {
  command = plan

  variables {
    scaling = { min = 0, max = 3, queue = { name = "email", messages_per_task = 10 } }
  }

  expect_failures = [var.scaling]
}

run "refuses_shells_in_production" {
  command = plan

  variables {
    exec = true
  }

  expect_failures = [var.exec]
}

run "refuses_more_paths_than_a_rule_takes" {
  command = plan

  variables {
    load_balancer = {
      listener_arn      = "arn:listener"
      security_group_id = "sg-balancer"
      arn_suffix        = "app/shop-prod/1"
      priority          = 10
      paths             = ["/a", "/b", "/c", "/d", "/e", "/f"]
    }
  }

  expect_failures = [var.load_balancer]
}
