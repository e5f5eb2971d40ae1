output "name" {
  description = "Prefix of every name, `project-environment`."
  value       = "${var.project}-${var.environment}"
}

output "settings" {
  description = "Settings of the environment."
  value       = module.settings.settings
}

output "services" {
  description = "The services by name: port, paths and priority on the load balancer, database schema, whether they use cache and bus, and whom they call."
  value = { for name, service in local.services : name => {
    port     = service.port
    paths    = try(service.paths, [])
    priority = try(service.priority, null)
    schema   = try(service.schema, null)
    cache    = try(service.cache, false)
    bus      = try(service.bus, false)
    calls    = try(service.calls, [])
  } }
}
