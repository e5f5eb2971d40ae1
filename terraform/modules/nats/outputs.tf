output "url" {
  description = "NATS_URL of the clients: all servers, so that they find one that lives."
  value       = join(",", [for server in keys(local.servers) : "nats://${server}.${var.namespace.name}:${local.client_port}"])
}

output "security_group_ids" {
  description = "Security groups of the servers, by name."
  value       = { for name, server in module.server : name => server.security_group_id }
}

output "services" {
  description = "Names of the servers' services."
  value       = keys(local.servers)
}

output "alarm_arns" {
  description = "ARNs of the servers' alarms."
  value       = flatten([for server in module.server : server.alarm_arns])
}
