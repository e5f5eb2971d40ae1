data "aws_ssm_parameter" "image" {
  for_each = toset(var.image == null ? ["this"] : [])

  name = "/${var.environment}/${var.service.name}/image"
}

locals {
  # Task by task, as seed 001 has it; a rehearsal shows in seconds what that takes minutes for.
  pace = {
    one_by_one = !var.rehearsal
    target     = var.rehearsal ? { health_interval = 5, health_timeout = 4 } : {}
    grace      = var.rehearsal ? 10 : 60
  }
}

module "service" {
  source = "../../modules/ecs-service"

  name        = local.name
  environment = var.environment
  production  = local.production
  service     = var.service.name
  cluster     = { arn = module.cluster.arn, name = module.cluster.name }
  network     = { vpc_id = module.network.vpc_id, subnet_ids = module.network.private_subnet_ids }
  egress = {
    internet        = module.network.has_internet
    prefix_list_ids = module.network.gateway_prefix_list_ids
  }

  task = {
    image          = var.image != null ? var.image : data.aws_ssm_parameter.image["this"].insecure_value
    repository_arn = local.repository_arn
    port           = var.service.port
    cpu            = var.service.cpu
    memory         = var.service.memory
    environment = merge({
      PORT          = tostring(var.service.port)
      AWS_REGION    = var.region
      DB_SECRET_ARN = module.secrets.arns["db/${var.service.name}"]
    }, var.service.environment)
  }

  permissions = {
    ReadDatabaseSecret = { actions = ["secretsmanager:GetSecretValue"], resources = [module.secrets.arns["db/${var.service.name}"]] }
    UseTheKey          = { actions = ["kms:Decrypt"], resources = [aws_kms_key.this.arn] }
  }

  load_balancer = merge(local.pace.target, {
    listener_arn      = module.balancer.https_listener_arn
    has_test_listener = var.service.strategy != "rolling"
    test_listener_arn = module.balancer.test_listener_arn
    security_group_id = module.balancer.security_group_id
    arn_suffix        = module.balancer.arn_suffix
    priority          = 100
    paths             = ["/*"]
    health_path       = var.service.health_path
  })

  deployment = { strategy = var.service.strategy, one_by_one = local.pace.one_by_one, grace_period = local.pace.grace }
  scaling    = { min = var.service.min, max = var.service.max, requests_per_task = 3000 }

  alarms               = { topic_arns = [module.observability.topic_arn] }
  log_days             = local.log_days
  kms_key_arn          = aws_kms_key.this.arn
  permissions_boundary = local.boundary
}

module "observability" {
  source = "../../modules/observability"

  name           = local.name
  emails         = var.emails
  kms_key_arn    = aws_kms_key.this.arn
  load_balancer  = { arn_suffix = module.balancer.arn_suffix }
  service_alarms = { (var.service.name) = module.service.alarm_arns }
  services = { (var.service.name) = {
    cluster       = module.cluster.name
    target_groups = [for group in values(module.service.target_groups) : group.arn_suffix]
  } }
}
