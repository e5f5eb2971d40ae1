resource "aws_ecs_cluster" "this" {
  #checkov:skip=CKV_AWS_65:Container Insights is on by default; development may save its metrics' cost
  #checkov:skip=CKV_AWS_224:Sessions and their logs are encrypted with the environment's key where it is given; development may go without one
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  configuration {
    execute_command_configuration {
      kms_key_id = var.kms_key_arn
      logging    = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = var.kms_key_arn != null
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
      }
    }
  }
}

# Who typed what into a container stays readable after the container is gone.
resource "aws_cloudwatch_log_group" "exec" {
  #checkov:skip=CKV_AWS_158:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_338:Development keeps a month; the environments set a year for production
  name              = "/ecs/${var.name}/exec"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  dynamic "default_capacity_provider_strategy" {
    for_each = local.capacity

    content {
      capacity_provider = default_capacity_provider_strategy.key
      base              = default_capacity_provider_strategy.value.base
      weight            = default_capacity_provider_strategy.value.weight
    }
  }
}

locals {
  # A provider of weight 0 takes no task beyond its base, and ECS refuses a strategy whose weights are all 0.
  capacity = {
    FARGATE      = { base = var.spot.on_demand_base, weight = 100 - var.spot.spot_percent }
    FARGATE_SPOT = { base = 0, weight = var.spot.spot_percent }
  }
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  for_each = toset(var.private_names != null ? ["this"] : [])

  name        = coalesce(var.private_names.domain, "${var.name}.internal")
  description = "Private names of the services of ${var.name}"
  vpc         = var.private_names.vpc_id
}
