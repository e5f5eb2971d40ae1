locals {
  # By its text, so that scaling needs no reference to either class of service.
  scaling_resource = "service/${var.cluster.name}/${var.service}"

  predefined = merge(
    var.scaling.cpu_percent == null ? {} : { cpu = { metric = "ECSServiceAverageCPUUtilization", target = var.scaling.cpu_percent, label = null } },
    var.scaling.memory_percent == null ? {} : { memory = { metric = "ECSServiceAverageMemoryUtilization", target = var.scaling.memory_percent, label = null } },
    # Counts one target group, so it fits a rolling service only.
    var.scaling.requests_per_task == null || local.shifts ? {} : { requests = {
      metric = "ALBRequestCountPerTarget"
      target = var.scaling.requests_per_task
      label  = "${var.load_balancer.arn_suffix}/${aws_lb_target_group.this["only"].arn_suffix}"
    } },
  )
}

# Two classes, as with the service: what schedules change is theirs, and what Terraform has to overlook is written into a
# resource for good. A deployment may hold scaling for its own time, so that is overlooked in both.
resource "aws_appautoscaling_target" "steady" {
  for_each = toset(length(var.scaling.schedules) == 0 ? ["this"] : [])

  service_namespace  = "ecs"
  resource_id        = local.scaling_resource
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.scaling.min
  max_capacity       = var.scaling.max

  lifecycle {
    ignore_changes = [suspended_state]
  }

  depends_on = [aws_ecs_service.rolling, aws_ecs_service.shifting]
}

resource "aws_appautoscaling_target" "scheduled" {
  for_each = toset(length(var.scaling.schedules) == 0 ? [] : ["this"])

  service_namespace  = "ecs"
  resource_id        = local.scaling_resource
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.scaling.min
  max_capacity       = var.scaling.max

  lifecycle {
    ignore_changes = [suspended_state, min_capacity, max_capacity]
  }

  depends_on = [aws_ecs_service.rolling, aws_ecs_service.shifting]
}

locals {
  scaling_target = one(concat(values(aws_appautoscaling_target.steady), values(aws_appautoscaling_target.scheduled)))
}

# While a new revision runs beside the old one, a shifting service's averages are halved: these act late then, not wrongly,
# as ECS takes no task away during a deployment.
resource "aws_appautoscaling_policy" "predefined" {
  for_each = local.predefined

  name               = "${local.full_name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.scaling_target.service_namespace
  resource_id        = local.scaling_target.resource_id
  scalable_dimension = local.scaling_target.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = var.scaling.scale_out_cooldown
    scale_in_cooldown  = var.scaling.scale_in_cooldown

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}

# Requests of a shifting service: the sum over both target groups, whichever serves.
resource "aws_appautoscaling_policy" "shifting_requests" {
  for_each = toset(local.shifts && var.scaling.requests_per_task != null ? ["this"] : [])

  name               = "${local.full_name}-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.scaling_target.service_namespace
  resource_id        = local.scaling_target.resource_id
  scalable_dimension = local.scaling_target.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.scaling.requests_per_task
    scale_out_cooldown = var.scaling.scale_out_cooldown
    scale_in_cooldown  = var.scaling.scale_in_cooldown

    customized_metric_specification {
      dynamic "metrics" {
        for_each = aws_lb_target_group.this

        content {
          id          = metrics.key
          return_data = false

          metric_stat {
            stat = "Sum"

            metric {
              namespace   = "AWS/ApplicationELB"
              metric_name = "RequestCountPerTarget"

              dimensions {
                name  = "TargetGroup"
                value = metrics.value.arn_suffix
              }
            }
          }
        }
      }

      metrics {
        id          = "requests"
        expression  = "FILL(blue, 0) + FILL(green, 0)"
        label       = "Requests a minute and task"
        return_data = true
      }
    }
  }
}

# Backlog per task. Without a running task the count has no data or is 0, which must not divide.
resource "aws_appautoscaling_policy" "queue" {
  for_each = toset(var.scaling.queue == null ? [] : ["this"])

  name               = "${local.full_name}-queue"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.scaling_target.service_namespace
  resource_id        = local.scaling_target.resource_id
  scalable_dimension = local.scaling_target.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.scaling.queue.messages_per_task
    scale_out_cooldown = var.scaling.scale_out_cooldown
    scale_in_cooldown  = var.scaling.scale_in_cooldown

    customized_metric_specification {
      metrics {
        id          = "messages"
        return_data = false

        metric_stat {
          stat = "Maximum"

          metric {
            namespace   = "AWS/SQS"
            metric_name = "ApproximateNumberOfMessagesVisible"

            dimensions {
              name  = "QueueName"
              value = var.scaling.queue.name
            }
          }
        }
      }

      metrics {
        id          = "tasks"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "ECS/ContainerInsights"
            metric_name = "RunningTaskCount"

            dimensions {
              name  = "ClusterName"
              value = var.cluster.name
            }

            dimensions {
              name  = "ServiceName"
              value = var.service
            }
          }
        }
      }

      metrics {
        id          = "backlog"
        expression  = "messages / IF(FILL(tasks, 0) > 0, tasks, 1)"
        label       = "Messages per task"
        return_data = true
      }
    }
  }
}

resource "aws_appautoscaling_policy" "custom" {
  for_each = var.scaling.metrics

  name               = "${local.full_name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.scaling_target.service_namespace
  resource_id        = local.scaling_target.resource_id
  scalable_dimension = local.scaling_target.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = var.scaling.scale_out_cooldown
    scale_in_cooldown  = var.scaling.scale_in_cooldown

    customized_metric_specification {
      namespace   = each.value.namespace
      metric_name = each.value.name
      statistic   = each.value.statistic

      dynamic "dimensions" {
        for_each = each.value.dimensions

        content {
          name  = dimensions.key
          value = dimensions.value
        }
      }
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = var.scaling.schedules

  name               = "${local.full_name}-${each.key}"
  service_namespace  = local.scaling_target.service_namespace
  resource_id        = local.scaling_target.resource_id
  scalable_dimension = local.scaling_target.scalable_dimension
  schedule           = "cron(${each.value.cron})"
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.min
    max_capacity = each.value.max
  }
}
