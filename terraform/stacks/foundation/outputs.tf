output "network" {
  description = "VPC, private subnets and the ways out of them."
  value = {
    vpc_id                     = module.network.vpc_id
    cidr                       = module.network.cidr
    subnet_ids                 = module.network.private_subnet_ids
    public_subnet_ids          = module.network.public_subnet_ids
    has_internet               = module.network.has_internet
    has_interface_endpoints    = length(local.settings.network.interface_endpoints) > 0
    endpoint_security_group_id = module.network.endpoint_security_group_id
    prefix_list_ids            = module.network.gateway_prefix_list_ids
    nat_public_ips             = module.network.nat_public_ips
  }
}

output "balancer" {
  description = "The load balancer: name, listeners, security group and what CloudWatch calls it."
  value = {
    arn                = module.balancer.arn
    arn_suffix         = module.balancer.arn_suffix
    dns_name           = module.balancer.dns_name
    zone_id            = module.balancer.zone_id
    security_group_id  = module.balancer.security_group_id
    https_listener_arn = module.balancer.https_listener_arn
    has_test_listener  = local.shifts
    test_listener_arn  = module.balancer.test_listener_arn
  }
}

output "cluster" {
  description = "The ECS cluster and its namespace of private names."
  value = {
    arn       = module.cluster.arn
    name      = module.cluster.name
    namespace = module.cluster.namespace
  }
}

output "repository_arns" {
  description = "ARNs of the image repositories, by service."
  value       = { for service, name in local.repository_names : service => "arn:${local.partition}:ecr:${var.region}:${local.registry_account}:repository/${name}" }

  depends_on = [module.registry]
}

output "database" {
  description = "The database: where it is and who may reach it."
  value = {
    id                = module.database.id
    host              = module.database.host
    read_hosts        = module.database.read_hosts
    port              = module.database.port
    name              = module.database.database_name
    security_group_id = module.database.security_group_id
    master_secret_arn = module.database.master_secret_arn
  }
}

output "cache" {
  description = "The cache: where it is and who may reach it."
  value = {
    id                = module.cache.id
    port              = module.cache.port
    security_group_id = module.cache.security_group_id
    secret_arn        = module.cache.secret_arn
  }
}

output "queues" {
  description = "The queues, by short name."
  value       = { for name, queue in module.queue : name => { name = queue.name, arn = queue.arn, url = queue.url, dead_letter = queue.dead_letter } }
}

output "buckets" {
  description = "The buckets, by short name."
  value       = { for name, bucket in merge(module.bucket, { logs = module.log_bucket }) : name => { name = bucket.name, arn = bucket.arn } }
}

output "tables" {
  description = "The DynamoDB tables, by short name."
  value       = { notifications = { name = module.notifications.name, arn = module.notifications.arn } }
}

output "secret_arns" {
  description = "ARNs of the secrets, by short name."
  value       = module.secrets.arns
}

output "parameters" {
  description = "SSM parameters by short name: full name and ARN."
  value       = { for key, name in module.parameters.names : key => { name = name, arn = module.parameters.arns[key] } }
}

output "key_arn" {
  description = "ARN of the environment's KMS key; `null` where it has none."
  value       = local.key_arn
}
