output "id" {
  description = "ID of the replication group."
  value       = aws_elasticache_replication_group.this.id
}

output "port" {
  description = "Port of the cache."
  value       = 6379
}

output "endpoint" {
  description = "Address of the node that writes."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "security_group_id" {
  description = "Security group of the cache."
  value       = aws_security_group.this.id
}

output "secret_arn" {
  description = "ARN of the secret with host, port, password and url."
  value       = aws_secretsmanager_secret.this.arn
}
