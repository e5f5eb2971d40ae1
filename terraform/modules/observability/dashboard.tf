locals {
  region = data.aws_region.this.region

  service_widgets = [for name, service in var.services : {
    type = "metric", width = 12, height = 6
    properties = {
      title = name, region = local.region, stat = "Average", period = 60
      metrics = concat(
        [
          ["AWS/ECS", "CPUUtilization", "ClusterName", service.cluster, "ServiceName", name],
          [".", "MemoryUtilization", ".", ".", ".", "."],
          ["ECS/ContainerInsights", "RunningTaskCount", ".", ".", ".", ".", { yAxis = "right" }],
        ],
        [for group in service.target_groups : [
          "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", try(var.load_balancer.arn_suffix, ""), "TargetGroup", group, { stat = "Sum", yAxis = "right" },
        ]],
      )
    }
  }]

  platform_widgets = concat(
    [for balancer in var.load_balancer[*] : {
      type = "metric", width = 12, height = 6
      properties = {
        title = "Load balancer", region = local.region, period = 60
        metrics = [
          ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", balancer.arn_suffix, { stat = "Sum" }],
          [".", "HTTPCode_ELB_5XX_Count", ".", ".", { stat = "Sum" }],
          [".", "HTTPCode_Target_5XX_Count", ".", ".", { stat = "Sum" }],
          [".", "TargetResponseTime", ".", ".", { stat = "p95", yAxis = "right" }],
        ]
      }
    }],
    [for database in var.database[*] : {
      type = "metric", width = 12, height = 6
      properties = {
        title = "Database", region = local.region, period = 60, stat = "Average"
        metrics = [
          ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", database.id],
          [".", "DatabaseConnections", ".", ".", { yAxis = "right" }],
        ]
      }
    }],
    [for key, queue in var.queues : {
      type = "metric", width = 12, height = 6
      properties = {
        title = "Queue ${key}", region = local.region, period = 60, stat = "Maximum"
        metrics = [
          ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name],
          [".", ".", ".", queue.dead_letter],
          [".", "ApproximateAgeOfOldestMessage", ".", queue.name, { yAxis = "right" }],
        ]
      }
    }],
  )

  alarm_widget = {
    type       = "alarm", width = 24, height = 4
    properties = { title = "Alarms", alarms = concat([aws_cloudwatch_composite_alarm.environment.arn], local.own_alarms, flatten(values(var.service_alarms))) }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = concat([local.alarm_widget], local.platform_widgets, local.service_widgets) })
}
