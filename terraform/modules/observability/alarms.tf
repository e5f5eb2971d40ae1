# What an environment as a whole can fall ill of; each service brings alarms of its own.
locals {
  database_alarms = var.database == null ? {} : {
    database-cpu         = { metric = "CPUUtilization", above = true, threshold = var.database.cpu_percent, text = "The database uses more than ${var.database.cpu_percent} % of its CPU." }
    database-connections = { metric = "DatabaseConnections", above = true, threshold = var.database.max_connections, text = "More than ${var.database.max_connections} connections to the database are open; the next ones may be refused." }
    database-storage     = { metric = "FreeStorageSpace", above = false, threshold = var.database.free_gb * 1073741824, text = "The database has less than ${var.database.free_gb} GiB of storage left." }
    database-memory      = { metric = "FreeableMemory", above = false, threshold = var.database.free_memory_mb * 1048576, text = "The database has less than ${var.database.free_memory_mb} MiB of memory left." }
  }

  cache_alarms = var.cache == null ? {} : merge([for node in range(var.cache.nodes) : {
    "cache-cpu-${node + 1}"    = { node = node, metric = "EngineCPUUtilization", threshold = var.cache.cpu_percent, text = "Node ${node + 1} of the cache uses more than ${var.cache.cpu_percent} % of its core." }
    "cache-memory-${node + 1}" = { node = node, metric = "DatabaseMemoryUsagePercentage", threshold = var.cache.memory_percent, text = "Node ${node + 1} of the cache has used more than ${var.cache.memory_percent} % of its memory." }
  }]...)

  queue_alarms = merge([for key, queue in var.queues : {
    "queue-${key}-depth" = { queue = queue.name, metric = "ApproximateNumberOfMessagesVisible", threshold = queue.depth, minutes = 5, text = "More than ${queue.depth} messages wait in ${queue.name}." }
    "queue-${key}-age"   = { queue = queue.name, metric = "ApproximateAgeOfOldestMessage", threshold = queue.age, minutes = 5, text = "A message has waited longer than ${queue.age} s in ${queue.name}." }
    "queue-${key}-dead"  = { queue = queue.dead_letter, metric = "ApproximateNumberOfMessagesVisible", threshold = 0, minutes = 1, text = "A message could not be worked on and lies in ${queue.dead_letter}." }
  }]...)
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each = local.database_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = var.database.id }
  statistic           = "Average"
  period              = 60
  comparison_operator = each.value.above ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "missing"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
}

# No data from the database means that it is not there: a failover that does not end, or a stopped instance.
resource "aws_cloudwatch_metric_alarm" "database_gone" {
  for_each = toset(var.database == null ? [] : ["this"])

  alarm_name          = "${var.name}-database-gone"
  alarm_description   = "The database has reported nothing for five minutes."
  namespace           = "AWS/RDS"
  metric_name         = "DatabaseConnections"
  dimensions          = { DBInstanceIdentifier = var.database.id }
  statistic           = "SampleCount"
  period              = 60
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "breaching"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "cache" {
  for_each = local.cache_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = "AWS/ElastiCache"
  metric_name         = each.value.metric
  dimensions          = { CacheClusterId = format("%s-%03d", var.cache.id, each.value.node + 1) }
  statistic           = "Average"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "missing"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "queue" {
  for_each = local.queue_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = "AWS/SQS"
  metric_name         = each.value.metric
  dimensions          = { QueueName = each.value.queue }
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.minutes
  # SQS says nothing about a queue that nobody used for six hours.
  treat_missing_data = "notBreaching"
  alarm_actions      = [local.topic_arn]
  ok_actions         = [local.topic_arn]
}

# Not ThrottledRequests, which is there by table and operation only: asked by table, it says nothing for ever.
resource "aws_cloudwatch_metric_alarm" "table" {
  for_each = var.tables

  alarm_name          = "${var.name}-table-${each.key}-throttled"
  alarm_description   = "DynamoDB turns away requests to ${each.value}."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = 60
        dimensions  = { TableName = each.value }
      }
    }
  }

  metric_query {
    id          = "throttled"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    label       = "Reads and writes turned away"
    return_data = true
  }
}

# Errors of the load balancer itself: no target took the request.
resource "aws_cloudwatch_metric_alarm" "balancer_errors" {
  for_each = toset(var.load_balancer == null ? [] : ["this"])

  alarm_name          = "${var.name}-balancer-errors"
  alarm_description   = "More than ${var.load_balancer.error_percent} % of all requests end in an error of the load balancer."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.load_balancer.error_percent
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]

  dynamic "metric_query" {
    for_each = { errors = "HTTPCode_ELB_5XX_Count", requests = "RequestCount" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = 60
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix }
      }
    }
  }

  metric_query {
    id          = "share"
    expression  = "IF(FILL(requests, 0) >= 20, 100 * FILL(errors, 0) / requests, 0)"
    label       = "Percent of requests without an answer of a service"
    return_data = true
  }
}

resource "aws_cloudwatch_metric_alarm" "balancer_latency" {
  for_each = toset(var.load_balancer == null ? [] : ["this"])

  alarm_name          = "${var.name}-balancer-latency"
  alarm_description   = "One in twenty requests takes longer than ${var.load_balancer.latency_seconds} s."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = var.load_balancer.arn_suffix }
  extended_statistic  = "p95"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.load_balancer.latency_seconds
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
}

locals {
  own_alarms = concat(
    [for alarm in aws_cloudwatch_metric_alarm.database : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.database_gone : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.cache : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.queue : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.table : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.balancer_errors : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.balancer_latency : alarm.arn],
  )

  # What users notice, for the one alarm that may wake somebody.
  felt_alarms = concat(
    [for alarm in aws_cloudwatch_metric_alarm.balancer_errors : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.balancer_latency : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.database_gone : alarm.arn],
    [for key, alarm in aws_cloudwatch_metric_alarm.queue : alarm.arn if endswith(key, "-dead")],
    flatten(values(var.service_alarms)),
  )
}

resource "aws_cloudwatch_composite_alarm" "environment" {
  alarm_name        = "${var.name}-unwell"
  alarm_description = "Something that users of ${var.name} notice is wrong; the alarms behind it say what."
  alarm_rule        = length(local.felt_alarms) == 0 ? "FALSE" : join(" OR ", [for arn in local.felt_alarms : "ALARM(\"${arn}\")"])
  alarm_actions     = [local.topic_arn]
  ok_actions        = [local.topic_arn]
}
