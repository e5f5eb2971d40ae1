output "arns" {
  description = "ARNs of the schedules, by name."
  value       = { for name, schedule in aws_scheduler_schedule.this : name => schedule.arn }
}

output "failed_queue" {
  description = "Name and ARN of the queue of starts that failed for good."
  value = {
    name = module.failed.name
    arn  = module.failed.arn
  }
}
