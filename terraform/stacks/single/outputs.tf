output "address" {
  description = "Address of the load balancer."
  value       = "https://${module.balancer.dns_name}"
}

output "cluster" {
  description = "Name of the cluster, for berth.yaml."
  value       = module.cluster.name
}

output "repository_url" {
  description = "Repository that images are pushed to."
  value       = module.registry.repositories[local.repository].url
}

output "template_parameter" {
  description = "SSM parameter of the task definition template, for berth.yaml."
  value       = module.service.template_parameter
}

output "roles" {
  description = "Names of the service's roles."
  value       = { task = module.service.task_role.name, execution = module.service.execution_role.name }
}
