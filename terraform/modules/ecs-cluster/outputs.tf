output "arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn

  # A service that is made before them waits for container instances, and they cannot go while one uses them.
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

output "name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "capacity" {
  description = "Base and weight of each capacity provider, for services that state them."
  value       = local.capacity
}

output "namespace" {
  description = "Cloud Map namespace of private names: its ID, ARN and domain; `null` where there is none."
  value = try({
    id   = aws_service_discovery_private_dns_namespace.this["this"].id
    arn  = aws_service_discovery_private_dns_namespace.this["this"].arn
    name = aws_service_discovery_private_dns_namespace.this["this"].name
  }, null)
}

output "exec_log_group_arn" {
  description = "ARN of the log group of interactive sessions."
  value       = aws_cloudwatch_log_group.exec.arn
}
