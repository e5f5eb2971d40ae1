module "observability" {
  source = "../../modules/observability"

  name        = local.name
  emails      = local.settings.emails
  kms_key_arn = local.foundation.key_arn

  load_balancer = { arn_suffix = local.foundation.balancer.arn_suffix }
  database      = { id = local.foundation.database.id }
  cache         = { id = local.foundation.cache.id, nodes = local.settings.cache.nodes }
  tables        = { for name, table in local.foundation.tables : name => table.name }
  queues        = { for name, queue in local.foundation.queues : name => { name = queue.name, dead_letter = queue.dead_letter.name } }

  service_alarms = merge(
    { for name, service in module.service : name => service.alarm_arns },
    { for name, nats in module.nats : "nats" => nats.alarm_arns },
  )

  services = { for name, service in module.service : name => {
    cluster       = local.foundation.cluster.name
    target_groups = [for group in values(service.target_groups) : group.arn_suffix]
  } }
}

# Log analytics of seed 003: a line is searchable a minute after it was written. Off unless the environment asks for it,
# as the smallest domain costs as much as three services.
module "opensearch" {
  source   = "../../modules/opensearch"
  for_each = toset(local.settings.opensearch == null ? [] : ["this"])

  name                 = local.name
  network              = { vpc_id = local.foundation.network.vpc_id, subnet_ids = local.foundation.network.subnet_ids }
  instance             = local.settings.opensearch
  log_groups           = { for name, service in module.service : name => service.log_group.name }
  failed_bucket        = local.foundation.buckets.logs
  log_days             = local.settings.log_days
  kms_key_arn          = local.foundation.key_arn
  permissions_boundary = local.boundary
}

module "schedules" {
  source   = "../../modules/scheduler"
  for_each = toset(length(var.schedules) > 0 ? ["this"] : [])

  name                 = local.name
  cluster_arn          = local.foundation.cluster.arn
  network              = { subnet_ids = local.foundation.network.subnet_ids }
  kms_key_arn          = local.foundation.key_arn
  permissions_boundary = local.boundary

  schedules = { for name, schedule in var.schedules : name => {
    expression        = schedule.expression
    timezone          = schedule.timezone
    enabled           = schedule.enabled
    family            = module.service[schedule.service].full_name
    container         = schedule.service
    command           = schedule.command
    security_group_id = module.service[schedule.service].security_group_id
    role_arns         = [module.service[schedule.service].task_role.arn, module.service[schedule.service].execution_role.arn]
  } }
}
