# Blue/green, linear and canary. A resource of its own and no switch in the other one: what Terraform has to overlook is
# written into a resource for good, and here it is also which target group serves. A service that changes its class is
# moved in the state: terraform state mv '….aws_ecs_service.rolling["this"]' '….aws_ecs_service.shifting["this"]'.
resource "aws_ecs_service" "shifting" {
  for_each = toset(local.shifts ? ["this"] : [])

  name                               = var.service
  cluster                            = var.cluster.arn
  task_definition                    = aws_ecs_task_definition.bootstrap.arn
  desired_count                      = var.scaling.min
  platform_version                   = "LATEST"
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  enable_execute_command             = var.exec
  availability_zone_rebalancing      = "DISABLED"
  health_check_grace_period_seconds  = local.balanced ? var.deployment.grace_period : null
  deployment_minimum_healthy_percent = var.deployment.minimum_healthy_percent
  deployment_maximum_percent         = local.maximum_percent

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.capacity

    content {
      capacity_provider = capacity_provider_strategy.key
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  # Off by default in AWS, and then a deployment that cannot start tries for ever.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "alarms" {
    for_each = length(local.deployment_alarms) > 0 ? ["this"] : []

    content {
      enable      = true
      rollback    = true
      alarm_names = local.deployment_alarms
    }
  }

  deployment_configuration {
    strategy             = { blue-green = "BLUE_GREEN", linear = "LINEAR", canary = "CANARY" }[var.deployment.strategy]
    bake_time_in_minutes = tostring(var.deployment.bake_minutes)

    dynamic "linear_configuration" {
      for_each = var.deployment.strategy == "linear" ? ["this"] : []

      content {
        step_percent              = var.deployment.step_percent
        step_bake_time_in_minutes = tostring(var.deployment.step_bake_minutes)
      }
    }

    dynamic "canary_configuration" {
      for_each = var.deployment.strategy == "canary" ? ["this"] : []

      content {
        canary_percent              = var.deployment.step_percent
        canary_bake_time_in_minutes = tostring(var.deployment.step_bake_minutes)
      }
    }

    dynamic "lifecycle_hook" {
      for_each = var.deployment.pause_at

      content {
        target_type      = "PAUSE"
        lifecycle_stages = [lifecycle_hook.key]

        # Nobody's answer is a no: the deployment goes back.
        timeout_configuration {
          action             = "ROLLBACK"
          timeout_in_minutes = tostring(lifecycle_hook.value)
        }
      }
    }
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this["blue"].arn
    container_name   = var.service
    container_port   = var.task.port

    advanced_configuration {
      alternate_target_group_arn = aws_lb_target_group.this["green"].arn
      production_listener_rule   = aws_lb_listener_rule.shifting["production"].arn
      test_listener_rule         = try(aws_lb_listener_rule.shifting["test"].arn, null)
      role_arn                   = aws_iam_role.shift["this"].arn
    }
  }

  dynamic "service_registries" {
    for_each = aws_service_discovery_service.this

    content {
      registry_arn = service_registries.value.arn
    }
  }

  dynamic "service_connect_configuration" {
    for_each = local.connects ? ["this"] : []

    content {
      enabled   = true
      namespace = var.discovery.namespace_arn

      dynamic "service" {
        for_each = var.discovery.client_only ? [] : ["this"]

        content {
          port_name      = var.service
          discovery_name = var.service

          client_alias {
            port     = var.task.port
            dns_name = var.service
          }
        }
      }
    }
  }

  lifecycle {
    # ECS writes the cluster's default strategy of then into a service that names none.
    ignore_changes = [task_definition, desired_count, load_balancer, capacity_provider_strategy]
  }

  # Its first tasks must be able to begin, as the breaker would end a deployment that has nothing to go back to.
  depends_on = [
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_iam_role_policy_attachment.shift,
    aws_vpc_security_group_egress_rule.balancer,
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.internet,
    aws_vpc_security_group_egress_rule.prefix_list,
    aws_vpc_security_group_egress_rule.target,
    aws_vpc_security_group_ingress_rule.balancer,
    aws_vpc_security_group_ingress_rule.target,
    aws_cloudwatch_metric_alarm.errors,
    aws_cloudwatch_metric_alarm.latency,
  ]
}
