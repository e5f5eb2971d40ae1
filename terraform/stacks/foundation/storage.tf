locals {
  buckets = {
    # Mails as they came.
    emails = { name = "${local.name}-emails-${local.account}", infrequent_access_days = 90 }
    # Receipts and trips, put and got with presigned URLs.
    uploads = { name = "${local.name}-uploads-${local.account}", infrequent_access_days = 180 }
  }
}

# Logs of the load balancer and of the other buckets. AWS delivers them under its own key only.
module "log_bucket" {
  source = "../../modules/bucket"

  name          = "${local.name}-logs-${local.account}"
  force_destroy = local.throwaway
  expire_days   = { "" = local.settings.log_days }

  log_writers = {
    "logdelivery.elasticloadbalancing.amazonaws.com" = ["access/", "connection/"]
    "logging.s3.amazonaws.com"                       = [for bucket in values(local.buckets) : "s3/${bucket.name}/"]
  }
}

module "bucket" {
  source   = "../../modules/bucket"
  for_each = local.buckets

  name                   = each.value.name
  force_destroy          = local.throwaway
  infrequent_access_days = each.value.infrequent_access_days
  log_bucket             = module.log_bucket.name
  kms_key_arn            = local.key_arn
}
