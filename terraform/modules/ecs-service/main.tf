data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  full_name = "${var.name}-${var.service}"
  region    = data.aws_region.this.region
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition

  shifts   = var.deployment.strategy != "rolling"
  balanced = var.load_balancer != null

  # With 2 tasks 150 %, with 3 tasks 134 %: one task more than wanted, whatever the count.
  maximum_percent = coalesce(
    var.deployment.maximum_percent,
    var.deployment.one_by_one ? 100 + ceil(100 / max(var.scaling.min, 1)) : 200,
  )
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_338:Development keeps a month; the environments set a year for production
  name              = "/ecs/${local.full_name}"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
}
