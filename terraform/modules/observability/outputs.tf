output "topic_arn" {
  description = "ARN of the topic that alarms are sent to."
  value       = local.topic_arn
}

output "alarm_arns" {
  description = "ARNs of the environment's own alarms."
  value       = local.own_alarms
}

output "composite_alarm_arn" {
  description = "ARN of the alarm over everything that users notice."
  value       = aws_cloudwatch_composite_alarm.environment.arn
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
