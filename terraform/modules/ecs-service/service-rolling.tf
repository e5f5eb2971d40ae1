# Terraform owns the service and its settings, CI owns what runs in it. Neither a deployment nor a rollback nor scaling
# is a difference for the plan.
resource "aws_ecs_service" "rolling" {
  for_each = toset(local.shifts ? [] : ["this"])

  name                    = var.service
  cluster                 = var.cluster.arn
  task_definition         = aws_ecs_task_definition.bootstrap.arn
  desired_count           = var.scaling.min
  platform_version        = "LATEST"
  propagate_tags          = "SERVICE"
  enable_ecs_managed_tags = true
  enable_execute_command  = var.exec
  # A task can only move to another zone where one more may run meanwhile.
  availability_zone_rebalancing      = local.maximum_percent > 100 ? "ENABLED" : "DISABLED"
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
    strategy = "ROLLING"
  }

  dynamic "load_balancer" {
    for_each = aws_lb_target_group.this

    content {
      target_group_arn = load_balancer.value.arn
      container_name   = var.service
      container_port   = var.task.port
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
    ignore_changes = [task_definition, desired_count, capacity_provider_strategy]
  }

  # Its first tasks must be able to begin, as the breaker would end a deployment that has nothing to go back to.
  depends_on = [
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_vpc_security_group_egress_rule.balancer,
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.internet,
    aws_vpc_security_group_egress_rule.prefix_list,
    aws_vpc_security_group_egress_rule.target,
    aws_vpc_security_group_ingress_rule.balancer,
    aws_vpc_security_group_ingress_rule.target,
    aws_lb_listener_rule.rolling,
    aws_cloudwatch_metric_alarm.errors,
    aws_cloudwatch_metric_alarm.latency,
  ]
}
