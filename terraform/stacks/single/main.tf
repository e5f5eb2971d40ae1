# One HTTPS service behind a load balancer in two zones, in one state: the smallest layout that is still whole.
data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  account    = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition
  name       = "${var.project}-${var.environment}"
  production = var.environment == "prod" && !var.rehearsal
  throwaway  = var.environment != "prod" || var.rehearsal
  boundary   = "arn:${local.partition}:iam::${local.account}:policy/${var.project}-boundary"
  log_days   = var.environment == "prod" ? 365 : 30

  repository     = "${var.project}/${var.service.name}"
  repository_arn = module.registry.repositories[local.repository].arn
}

module "network" {
  source = "../../modules/network"

  name                 = local.name
  production           = local.production
  nat_mode             = coalesce(var.nat_mode, var.environment == "prod" ? "per_az" : "single")
  accept_single_nat    = var.accept_single_nat
  flow_log_days        = local.log_days
  kms_key_arn          = aws_kms_key.this.arn
  permissions_boundary = local.boundary
}

module "log_bucket" {
  source = "../../modules/bucket"

  name          = "${local.name}-logs-${local.account}"
  force_destroy = local.throwaway
  expire_days   = { "" = local.log_days }
  log_writers   = { "logdelivery.elasticloadbalancing.amazonaws.com" = ["access/", "connection/"] }
}

module "balancer" {
  source = "../../modules/alb"

  name                = local.name
  production          = local.production
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  ports               = var.balancer_ports
  test_cidrs          = var.service.strategy == "rolling" ? [] : [module.network.cidr]
  certificate         = var.certificate != null ? var.certificate : { mode = "self_signed", ssm_path = "/${var.environment}/tls" }
  deletion_protection = !local.throwaway
  log_bucket          = module.log_bucket.name
}

module "cluster" {
  source = "../../modules/ecs-cluster"

  name        = local.name
  log_days    = local.log_days
  kms_key_arn = aws_kms_key.this.arn
}

module "registry" {
  source = "../../modules/ecr"

  repositories = { (local.repository) = {} }
  force_delete = local.throwaway
  kms_key_arn  = aws_kms_key.this.arn
}

module "secrets" {
  source = "../../modules/secrets"

  prefix        = "${var.project}/${var.environment}"
  production    = local.production
  recovery_days = local.throwaway ? 0 : 30
  kms_key_arn   = aws_kms_key.this.arn

  secrets = {
    "db/${var.service.name}" = { description = "Where the database is and how to get in, as JSON; put in by hand." }
  }
}
