output "cluster" {
  description = "Name of the cluster, for berth.yaml."
  value       = local.foundation.cluster.name
}

output "services" {
  description = "The services by name: family, template and roles."
  value = { for name, service in module.service : name => {
    arn                = service.arn
    family             = service.full_name
    template_parameter = service.template_parameter
    template_sha256    = service.template_sha256
    task_role          = service.task_role.name
    execution_role     = service.execution_role.name
    deployment_alarms  = service.deployment_alarms
  } }
}

output "address" {
  description = "Address of the load balancer."
  value       = local.foundation.balancer.dns_name
}

output "dashboard" {
  description = "Name of the environment's dashboard."
  value       = module.observability.dashboard_name
}

output "alarm_topic_arn" {
  description = "ARN of the topic that alarms are sent to."
  value       = module.observability.topic_arn
}
