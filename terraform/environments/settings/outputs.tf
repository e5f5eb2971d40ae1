output "settings" {
  description = "The settings, with every value that the environment did not say."
  value       = var.settings
}
