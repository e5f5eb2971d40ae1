output "name" {
  description = "Name of the service in its cluster."
  value       = var.service
}

output "full_name" {
  description = "Name of the service with project and environment; the family of its task definitions."
  value       = local.full_name
}

output "arn" {
  description = "ARN of the service."
  value       = local.shifts ? aws_ecs_service.shifting["this"].arn : aws_ecs_service.rolling["this"].arn
}

output "port" {
  description = "Port of the container."
  value       = var.task.port
}

output "security_group_id" {
  description = "Security group of the tasks."
  value       = aws_security_group.this.id
}

output "task_role" {
  description = "Name and ARN of the role of the service's own code."
  value = {
    name = aws_iam_role.task.name
    arn  = aws_iam_role.task.arn
  }
}

output "execution_role" {
  description = "Name and ARN of the role ECS takes for the service's tasks."
  value = {
    name = aws_iam_role.execution.name
    arn  = aws_iam_role.execution.arn
  }
}

output "template_parameter" {
  description = "SSM parameter of the task definition template, as berth.yaml names it after `ssm:`."
  value       = aws_ssm_parameter.template.name
}

output "template_sha256" {
  description = "SHA-256 of the template, to compare with the tag of the running revision."
  value       = sha256(jsonencode(local.template))
}

output "target_groups" {
  description = "Target groups by role (`only`, or `blue` and `green`): ARN and the end of it that CloudWatch takes."
  value       = { for role, group in aws_lb_target_group.this : role => { arn = group.arn, arn_suffix = group.arn_suffix } }
}

output "log_group" {
  description = "Name and ARN of the log group."
  value = {
    name = aws_cloudwatch_log_group.this.name
    arn  = aws_cloudwatch_log_group.this.arn
  }
}

output "alarm_arns" {
  description = "ARNs of the service's alarms, for the composite alarm and the dashboard."
  value = concat(
    [for alarm in aws_cloudwatch_metric_alarm.errors : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.latency : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.unhealthy : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.utilization : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.running : alarm.arn],
  )
}

output "deployment_alarms" {
  description = "Names of the alarms that turn a deployment back."
  value       = local.deployment_alarms
}
