variables {
  name          = "shop-prod"
  emails        = ["on-call@example.com"]
  load_balancer = { arn_suffix = "app/shop-prod/1" }
  database      = { id = "shop-prod" }
  cache         = { id = "shop-prod", nodes = 2 }
  queues        = { email = { name = "shop-prod-email", dead_letter = "shop-prod-email-dlq" } }
  tables        = { notifications = "shop-prod-notifications" }

  service_alarms = { email-api = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:shop-prod-email-api-errors"] }
  services       = { email-api = { cluster = "shop-prod", target_groups = ["targetgroup/shop-prod-email-api/1"] } }
}

run "watches_what_the_seeds_name" {
  command = apply

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.database)) == toset(["database-cpu", "database-connections", "database-storage", "database-memory"]) && aws_cloudwatch_metric_alarm.database_gone["this"].treat_missing_data == "breaching"
    error_message = "CPU, connections, storage, memory or presence of the database is not watched."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.queue)) == toset(["queue-email-depth", "queue-email-age", "queue-email-dead"]) && aws_cloudwatch_metric_alarm.queue["queue-email-dead"].threshold == 0 && aws_cloudwatch_metric_alarm.queue["queue-email-dead"].dimensions.QueueName == "shop-prod-email-dlq"
    error_message = "Depth, age or dead letters of the queue are not watched."
  }

  assert {
    condition     = [for alarm in values(aws_cloudwatch_metric_alarm.cache) : alarm.dimensions.CacheClusterId] == ["shop-prod-001", "shop-prod-002", "shop-prod-001", "shop-prod-002"]
    error_message = "Not each node of the cache is watched."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.balancer_errors) == 1 && length(aws_cloudwatch_metric_alarm.balancer_latency) == 1 && toset(flatten([for query in aws_cloudwatch_metric_alarm.table["notifications"].metric_query : [for metric in query.metric : "${metric.metric_name} of ${join(", ", keys(metric.dimensions))}"]])) == toset(["ReadThrottleEvents of TableName", "WriteThrottleEvents of TableName"])
    error_message = "Errors and latency of the load balancer, or throttling of the table, are not watched."
  }

  # One alarm to wake somebody: what users notice, not every busy CPU.
  assert {
    condition     = strcontains(aws_cloudwatch_composite_alarm.environment.alarm_rule, "ALARM(\"arn:aws:cloudwatch:us-east-1:123456789012:alarm:shop-prod-email-api-errors\")") && length(split(" OR ", aws_cloudwatch_composite_alarm.environment.alarm_rule)) == 5
    error_message = "The composite alarm is not over the services' alarms and the four that users notice."
  }

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.title if contains(["Alarms", "Load balancer", "Database", "Queue email", "email-api"], widget.properties.title)]) == 5
    error_message = "The dashboard does not show alarms, load balancer, database, queue and service."
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["on-call@example.com"] && toset([for statement in jsondecode(aws_sns_topic_policy.this["this"].policy).Statement : statement.Sid]) == toset(["AlarmsOfThisAccount", "TlsOnly"])
    error_message = "Nobody hears of alarms, or the topic is open to others."
  }
}

run "is_quiet_about_what_is_not_there" {
  command = plan

  variables {
    load_balancer  = null
    database       = null
    cache          = null
    queues         = {}
    tables         = {}
    service_alarms = {}
    services       = {}
    topic          = { arn = "arn:aws:sns:us-east-1:123456789012:shared" }
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.environment.alarm_rule == "FALSE" && length(aws_sns_topic.this) == 0 && length(aws_sns_topic_subscription.email) == 0
    error_message = "An empty environment is not quiet, or the given topic is not used."
  }
}

run "counts_log_lines_in_groups_of_its_own" {
  command = plan

  variables {
    log_groups = { "/app/shop-prod" = { days = 90, metrics = { errors = "{ $.level = \"error\" }" } } }
  }

  assert {
    condition     = aws_cloudwatch_log_group.this["/app/shop-prod"].retention_in_days == 90 && aws_cloudwatch_log_metric_filter.this["/app/shop-prod:errors"].metric_transformation[0].namespace == "Berth/shop-prod"
    error_message = "The log group or its counter is missing."
  }
}

run "refuses_what_is_no_mail_address" {
  command = plan

  variables {
    emails = ["on-call"]
  }

  expect_failures = [var.emails]
}
