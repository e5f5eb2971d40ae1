module "network" {
  source = "../../modules/network"

  name                 = local.name
  production           = local.production
  cidr                 = local.settings.network.cidr
  az_count             = local.settings.network.az_count
  nat_mode             = local.settings.network.nat_mode
  accept_single_nat    = local.settings.network.accept_single_nat
  interface_endpoints  = local.settings.network.interface_endpoints
  flow_log_days        = local.settings.log_days
  kms_key_arn          = local.key_arn
  permissions_boundary = local.boundary
}

locals {
  private = { vpc_id = module.network.vpc_id, subnet_ids = module.network.private_subnet_ids }
}
