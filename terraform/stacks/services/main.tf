data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

module "environment" {
  source = "../../environments"

  project     = var.project
  environment = var.environment
}

data "terraform_remote_state" "foundation" {
  backend = try(var.foundation_state.backend, "s3")

  config = var.foundation_state != null ? var.foundation_state.config : {
    bucket = "${var.project}-terraform-${local.account}"
    key    = "${var.environment}/foundation.tfstate"
    region = var.region
  }
}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition

  name     = module.environment.name
  settings = module.environment.settings
  # An output that is null is not in the state at all.
  foundation = merge({ key_arn = null }, data.terraform_remote_state.foundation.outputs)
  production = local.settings.production && !var.rehearsal

  # Made by bootstrap, under this name in every account.
  boundary = "arn:${local.partition}:iam::${local.account}:policy/${var.project}-boundary"

  catalogue = module.environment.services
  wanted    = { for name, service in local.catalogue : name => service if var.services == null || contains(coalesce(var.services, []), name) }
}
