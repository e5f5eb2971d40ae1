module "balancer" {
  source = "../../modules/alb"

  name                = local.name
  production          = local.production
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  allowed_cidrs       = var.allowed_cidrs
  ports               = var.balancer_ports
  test_cidrs          = local.shifts ? [local.settings.network.cidr] : []
  certificate         = var.certificate != null ? var.certificate : { mode = "self_signed", ssm_path = "/${var.environment}/tls" }
  deletion_protection = local.protected
  log_bucket          = module.log_bucket.name
}

locals {
  # Somebody looks at the new revision before it takes traffic, from inside the VPC only.
  shifts = length([for strategy in values(local.settings.strategies) : strategy if strategy != "rolling"]) > 0
}

# The name people use, where its zone is ours.
resource "aws_route53_record" "balancer" {
  for_each = toset(try(var.certificate.zone_id, null) != null ? ["A"] : [])

  zone_id = var.certificate.zone_id
  name    = var.certificate.domain
  type    = each.key

  alias {
    name                   = module.balancer.dns_name
    zone_id                = module.balancer.zone_id
    evaluate_target_health = true
  }
}
