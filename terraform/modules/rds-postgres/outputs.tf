output "id" {
  description = "Identifier of the instance."
  value       = aws_db_instance.this.identifier
}

output "arn" {
  description = "ARN of the instance."
  value       = aws_db_instance.this.arn
}

output "host" {
  description = "Address of the instance; the same after a failover."
  value       = aws_db_instance.this.address
}

output "read_hosts" {
  description = "Addresses of the read replicas."
  value       = [for replica in aws_db_instance.replica : replica.address]
}

output "port" {
  description = "Port of the database."
  value       = 5432
}

output "database_name" {
  description = "Name of the database."
  value       = var.database_name
}

output "security_group_id" {
  description = "Security group of the database."
  value       = aws_security_group.this.id
}

output "master_secret_arn" {
  description = "ARN of the secret with the master user's password, kept by RDS where there are no replicas."
  value       = local.kept_by_rds ? aws_db_instance.this.master_user_secret[0].secret_arn : aws_secretsmanager_secret.master[0].arn
}
