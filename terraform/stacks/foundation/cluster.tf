module "cluster" {
  source = "../../modules/ecs-cluster"

  name               = local.name
  private_names      = { vpc_id = module.network.vpc_id }
  container_insights = local.settings.container_insights
  spot               = local.settings.spot
  log_days           = local.settings.log_days
  kms_key_arn        = local.key_arn
}

locals {
  # Production's account keeps the images, unless another one is named.
  makes_registry   = coalesce(var.registry.create, var.environment == "prod")
  registry_account = coalesce(var.registry.account, local.account)
  repository_names = { for service in concat(keys(module.environment.services), ["nats"]) : service => "${var.project}/${service}" }
}

module "registry" {
  source   = "../../modules/ecr"
  for_each = toset(local.makes_registry ? ["this"] : [])

  repositories  = { for name in values(local.repository_names) : name => {} }
  pull_accounts = var.registry.pull_accounts
  replicate_to  = length(var.registry.replicate_to) > 0 ? { regions = var.registry.replicate_to, prefix = "${var.project}/" } : null
  force_delete  = local.throwaway
  kms_key_arn   = local.key_arn
}
