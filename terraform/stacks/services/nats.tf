locals {
  # By text: the clients' configuration must not wait for the servers.
  nats_url = join(",", [for letter in ["a", "b", "c"] : "nats://nats-${letter}.${local.foundation.cluster.namespace.name}:4222"])
}

module "nats" {
  source   = "../../modules/nats"
  for_each = toset(local.uses_bus ? ["this"] : [])

  name        = local.name
  environment = var.environment
  cluster     = { arn = local.foundation.cluster.arn, name = local.foundation.cluster.name }
  network     = { vpc_id = local.foundation.network.vpc_id, subnet_ids = local.foundation.network.subnet_ids }
  namespace   = { id = local.foundation.cluster.namespace.id, name = local.foundation.cluster.namespace.name }
  image       = { digest = local.images.nats, repository_arn = local.foundation.repository_arns.nats }
  clients     = { for name, service in local.wanted : name => module.service[name].security_group_id if service.bus }
  egress      = local.egress
  topic_arns  = [module.observability.topic_arn]

  log_days             = local.settings.log_days
  kms_key_arn          = local.foundation.key_arn
  permissions_boundary = local.boundary
}
