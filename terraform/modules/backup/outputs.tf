output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "vault_arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "copy_vault_arns" {
  description = "ARNs of the vaults that hold copies, by region."
  value       = { for region, vault in aws_backup_vault.copy : region => vault.arn }
}

output "plan_id" {
  description = "ID of the backup plan."
  value       = aws_backup_plan.this.id
}

output "role_arn" {
  description = "ARN of the role that backs up and restores."
  value       = aws_iam_role.this.arn
}
