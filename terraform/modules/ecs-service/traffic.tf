locals {
  # A shifting service has two, and after each deployment it is the other one that serves.
  target_groups = local.balanced ? (local.shifts ? { blue = "-blue", green = "-green" } : { only = "" }) : {}
  first_group   = local.shifts ? "blue" : "only"

  rules = local.balanced ? merge(
    { production = var.load_balancer.listener_arn },
    local.shifts && var.load_balancer.has_test_listener ? { test = var.load_balancer.test_listener_arn } : {},
  ) : {}
}

resource "aws_lb_target_group" "this" {
  for_each = local.target_groups

  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; targets are reached inside the VPC, from its security group only
  name                          = "${local.full_name}${each.value}"
  vpc_id                        = var.network.vpc_id
  target_type                   = "ip"
  protocol                      = "HTTP"
  port                          = var.task.port
  deregistration_delay          = tostring(var.load_balancer.deregistration_delay)
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = var.load_balancer.health_path
    matcher             = "200"
    interval            = var.load_balancer.health_interval
    timeout             = var.load_balancer.health_timeout
    healthy_threshold   = var.load_balancer.healthy_threshold
    unhealthy_threshold = var.load_balancer.unhealthy_threshold
  }
}

resource "aws_lb_listener_rule" "rolling" {
  for_each = local.shifts ? {} : local.rules

  listener_arn = each.value
  priority     = var.load_balancer.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[local.first_group].arn
  }

  condition {
    path_pattern {
      values = var.load_balancer.paths
    }
  }

  dynamic "condition" {
    for_each = length(var.load_balancer.hosts) > 0 ? ["hosts"] : []

    content {
      host_header {
        values = var.load_balancer.hosts
      }
    }
  }
}

resource "aws_lb_listener_rule" "shifting" {
  for_each = local.shifts ? local.rules : {}

  listener_arn = each.value
  priority     = var.load_balancer.priority

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.this["blue"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.this["green"].arn
        weight = 0
      }
    }
  }

  condition {
    path_pattern {
      values = var.load_balancer.paths
    }
  }

  dynamic "condition" {
    for_each = length(var.load_balancer.hosts) > 0 ? ["hosts"] : []

    content {
      host_header {
        values = var.load_balancer.hosts
      }
    }
  }

  lifecycle {
    # ECS writes the weights at each deployment; to set them back would cut off the revision that serves.
    ignore_changes = [action]
  }
}
