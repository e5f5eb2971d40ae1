data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

module "environment" {
  source = "../../environments"

  project     = var.project
  environment = var.environment
}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition

  name     = module.environment.name
  settings = module.environment.settings

  production = local.settings.production && !var.rehearsal
  protected  = local.settings.deletion_protection && !var.rehearsal
  throwaway  = local.settings.throwaway || var.rehearsal

  # Made by bootstrap, under this name in every account.
  boundary = "arn:${local.partition}:iam::${local.account}:policy/${var.project}-boundary"
}
