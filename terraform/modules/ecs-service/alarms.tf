locals {
  # Alarms that judge a revision, so that ECS turns a deployment back on them. CPU is none: every start is a peak.
  deployment_alarms = setunion(
    var.deployment.alarms,
    local.balanced ? [local.alarm_names.errors, local.alarm_names.latency] : [],
  )

  # By text: the service names its alarms before AWS answers with their ARNs.
  alarm_names = { for kind in ["errors", "latency", "unhealthy", "cpu", "memory", "running"] : kind => "${local.full_name}-${kind}" }

  utilization = { cpu = { metric = "CPUUtilization", percent = var.alarms.cpu_percent }, memory = { metric = "MemoryUtilization", percent = var.alarms.memory_percent } }
}

# Share of requests answered with 5xx by the service's own tasks, in one minute with twenty requests or more.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = toset(local.balanced ? ["this"] : [])

  alarm_name          = local.alarm_names.errors
  alarm_description   = "More than ${var.alarms.error_percent} % of the requests to ${local.full_name} fail with 5xx."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.error_percent
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns

  dynamic "metric_query" {
    for_each = aws_lb_target_group.this

    content {
      id = "errors_${metric_query.key}"

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = "HTTPCode_Target_5XX_Count"
        stat        = "Sum"
        period      = 60
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = metric_query.value.arn_suffix }
      }
    }
  }

  dynamic "metric_query" {
    for_each = aws_lb_target_group.this

    content {
      id = "requests_${metric_query.key}"

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = "RequestCount"
        stat        = "Sum"
        period      = 60
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = metric_query.value.arn_suffix }
      }
    }
  }

  metric_query {
    id          = "share"
    label       = "Percent of requests that fail"
    return_data = true
    expression = format(
      "IF((%[2]s) >= 20, 100 * (%[1]s) / (%[2]s), 0)",
      join(" + ", [for group in keys(local.target_groups) : "FILL(errors_${group}, 0)"]),
      join(" + ", [for group in keys(local.target_groups) : "FILL(requests_${group}, 0)"]),
    )
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each = toset(local.balanced ? ["this"] : [])

  alarm_name          = local.alarm_names.latency
  alarm_description   = "One in twenty requests to ${local.full_name} takes longer than ${var.alarms.latency_seconds} s."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.latency_seconds
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns

  dynamic "metric_query" {
    for_each = aws_lb_target_group.this

    content {
      id = "latency_${metric_query.key}"

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = "TargetResponseTime"
        stat        = "p95"
        period      = 60
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = metric_query.value.arn_suffix }
      }
    }
  }

  metric_query {
    id          = "slowest"
    label       = "95th percentile, of the slower target group"
    return_data = true
    expression  = "MAX([${join(", ", [for group in keys(local.target_groups) : "FILL(latency_${group}, 0)"])}])"
  }
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each = toset(local.balanced ? ["this"] : [])

  alarm_name          = local.alarm_names.unhealthy
  alarm_description   = "A task of ${local.full_name} does not answer its health check."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns

  dynamic "metric_query" {
    for_each = aws_lb_target_group.this

    content {
      id = "unhealthy_${metric_query.key}"

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = "UnHealthyHostCount"
        stat        = "Maximum"
        period      = 60
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = metric_query.value.arn_suffix }
      }
    }
  }

  metric_query {
    id          = "unhealthy"
    label       = "Targets that fail their health check"
    return_data = true
    expression  = join(" + ", [for group in keys(local.target_groups) : "FILL(unhealthy_${group}, 0)"])
  }
}

resource "aws_cloudwatch_metric_alarm" "utilization" {
  for_each = local.utilization

  alarm_name          = local.alarm_names[each.key]
  alarm_description   = "${local.full_name} uses more than ${each.value.percent} % of its ${each.key}, although it scales."
  namespace           = "AWS/ECS"
  metric_name         = each.value.metric
  dimensions          = { ClusterName = var.cluster.name, ServiceName = var.service }
  statistic           = "Average"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.percent
  evaluation_periods  = 10
  datapoints_to_alarm = 10
  treat_missing_data  = "missing"
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
}

resource "aws_cloudwatch_metric_alarm" "running" {
  for_each = toset(var.alarms.has_running_metric && var.scaling.min > 0 ? ["this"] : [])

  alarm_name          = local.alarm_names.running
  alarm_description   = "Fewer than ${var.scaling.min} tasks of ${local.full_name} run."
  namespace           = "ECS/ContainerInsights"
  metric_name         = "RunningTaskCount"
  dimensions          = { ClusterName = var.cluster.name, ServiceName = var.service }
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "LessThanThreshold"
  threshold           = var.scaling.min
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
}
