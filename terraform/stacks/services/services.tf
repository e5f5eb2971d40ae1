locals {
  # The gateway takes everything, but mails, where it is the edge; else each service has a rule of its own.
  exposed = { for name, service in local.wanted : name => service if length(service.paths) > 0 && (local.settings.edge == "direct" || contains(["gateway", "email-api"], name)) }

  egress = {
    internet                   = local.foundation.network.has_internet
    has_interface_endpoints    = local.foundation.network.has_interface_endpoints
    endpoint_security_group_id = local.foundation.network.endpoint_security_group_id
    prefix_list_ids            = local.foundation.network.prefix_list_ids
  }

  # A rehearsal shows in seconds what production takes minutes for: AWS's shortest intervals, a drain that no other load
  # balancer has to hear of, and all new tasks at once, each after the other's checks being what takes longest.
  pace = {
    one_by_one = local.settings.services.one_by_one && !var.rehearsal
    container  = var.rehearsal ? { interval = 5, timeout = 5, retries = 2, start_period = 10 } : {}
    target     = var.rehearsal ? { health_interval = 5, health_timeout = 4 } : {}
    drain_ms   = var.rehearsal ? "1000" : "8000"
    grace      = var.rehearsal ? 10 : 60
  }

  # Whoever is called by others has a name; whoever only calls needs the namespace to find them.
  called = toset(flatten([for service in values(local.wanted) : service.calls]))
}

module "service" {
  source   = "../../modules/ecs-service"
  for_each = local.wanted

  name        = local.name
  environment = var.environment
  production  = local.production
  service     = each.key
  cluster     = { arn = local.foundation.cluster.arn, name = local.foundation.cluster.name }
  network     = { vpc_id = local.foundation.network.vpc_id, subnet_ids = local.foundation.network.subnet_ids }
  egress      = local.egress

  task = {
    image          = local.images[each.key]
    repository_arn = local.foundation.repository_arns[each.key]
    port           = each.value.port
    cpu            = try(local.settings.sizes[each.key].cpu, 256)
    memory         = try(local.settings.sizes[each.key].memory, 512)
    architecture   = local.settings.services.architecture
    stop_timeout   = try(local.tasks[each.key].stop_timeout, 60)
    health_command = ["CMD", "node", "/app/main.cjs", "health"]
    health_checks  = local.pace.container
    environment    = merge(local.common_environment[each.key], local.tasks[each.key].environment)
    # The cache's address holds its token, so ECS fetches it from the secret.
    secrets = each.value.cache ? { REDIS_URL = "${local.foundation.cache.secret_arn}:url::" } : {}
  }

  permissions = merge(local.common_permissions[each.key], local.tasks[each.key].permissions)

  connects_to = merge(
    each.value.schema == null ? {} : { database = { security_group_id = local.foundation.database.security_group_id, port = local.foundation.database.port } },
    each.value.cache ? { cache = { security_group_id = local.foundation.cache.security_group_id, port = local.foundation.cache.port } } : {},
  )

  discovery = !contains(local.called, each.key) && length(each.value.calls) == 0 ? null : {
    mode          = local.settings.discovery
    namespace_id  = local.foundation.cluster.namespace.id
    namespace_arn = local.foundation.cluster.namespace.arn
    client_only   = !contains(local.called, each.key)
  }

  load_balancer = !contains(keys(local.exposed), each.key) ? null : merge(local.pace.target, {
    listener_arn      = local.foundation.balancer.https_listener_arn
    has_test_listener = local.foundation.balancer.has_test_listener
    test_listener_arn = local.foundation.balancer.test_listener_arn
    security_group_id = local.foundation.balancer.security_group_id
    arn_suffix        = local.foundation.balancer.arn_suffix
    priority          = each.value.priority
    paths             = each.value.paths
  })

  deployment = {
    strategy     = lookup(local.settings.strategies, each.key, "rolling")
    one_by_one   = local.pace.one_by_one
    grace_period = local.pace.grace
  }

  scaling = {
    min               = local.settings.services.min
    max               = local.settings.services.max
    requests_per_task = contains(keys(local.exposed), each.key) ? 3000 : null
    queue             = try(local.tasks[each.key].queue, null)
    metrics           = try(local.tasks[each.key].metrics, {})
  }

  alarms = {
    topic_arns         = [module.observability.topic_arn]
    has_running_metric = local.settings.container_insights != "disabled"
  }

  log_days             = local.settings.log_days
  kms_key_arn          = local.foundation.key_arn
  permissions_boundary = local.boundary
}

# Who calls whom, from the catalogue: a rule on each side, by security group.
locals {
  calls = merge([for caller, service in local.wanted : {
    for called in service.calls : "${caller}-${called}" => { from = caller, to = called } if contains(keys(local.wanted), called)
  }]...)
}

resource "aws_vpc_security_group_ingress_rule" "call" {
  for_each = local.calls

  security_group_id            = module.service[each.value.to].security_group_id
  description                  = "From ${each.value.from}"
  referenced_security_group_id = module.service[each.value.from].security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.catalogue[each.value.to].port
  to_port                      = local.catalogue[each.value.to].port
}

resource "aws_vpc_security_group_egress_rule" "call" {
  for_each = local.calls

  security_group_id            = module.service[each.value.from].security_group_id
  description                  = "To ${each.value.to}"
  referenced_security_group_id = module.service[each.value.to].security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.catalogue[each.value.to].port
  to_port                      = local.catalogue[each.value.to].port
}
