locals {
  client_port  = 4222
  cluster_port = 6222
  monitor_port = 8222

  # Three, as two cannot tell a dead partner from a lost line. Each is a service of its own with one task: a stable name,
  # and a deployment replaces one server at a time. What they store is gone with the task; the services' outboxes send it
  # again, so that losing all three costs a replay and no data.
  servers = { for i, letter in ["a", "b", "c"] : "nats-${letter}" => var.network.subnet_ids[i % length(var.network.subnet_ids)] }

  routes = join(",", [for server in keys(local.servers) : "nats://${server}.${var.namespace.name}:${local.cluster_port}"])
  pairs  = { for pair in setproduct(keys(local.servers), keys(local.servers)) : "${pair[0]}-${pair[1]}" => { from = pair[0], to = pair[1] } if pair[0] != pair[1] }
}

module "server" {
  source   = "../ecs-service"
  for_each = local.servers

  name        = var.name
  environment = var.environment
  service     = each.key
  cluster     = var.cluster
  network     = { vpc_id = var.network.vpc_id, subnet_ids = [each.value] }
  peers       = var.clients
  egress      = var.egress
  discovery   = { mode = "cloud_map", namespace_id = var.namespace.id }

  task = {
    image          = var.image.digest
    repository_arn = var.image.repository_arn
    port           = local.client_port
    cpu            = var.size.cpu
    memory         = var.size.memory
    writable_paths = { data = "/data" }
    health_command = ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${local.monitor_port}/healthz?js-enabled-only=true"]
    health_checks  = { start_period = 30 }

    command = [
      "nats-server", "--server_name", each.key, "--port", tostring(local.client_port), "--http_port", tostring(local.monitor_port),
      "--jetstream", "--store_dir", "/data", "--cluster_name", var.name,
      "--cluster", "nats://0.0.0.0:${local.cluster_port}", "--routes", local.routes,
    ]
  }

  # A server leaves before its successor comes: two of one name would fight for its place.
  deployment = { minimum_healthy_percent = 0, maximum_percent = 100 }
  scaling    = { min = 1, max = 1, cpu_percent = null, memory_percent = null }

  alarms               = { topic_arns = var.topic_arns }
  log_days             = var.log_days
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
}

resource "aws_vpc_security_group_ingress_rule" "cluster" {
  for_each = local.pairs

  security_group_id            = module.server[each.value.to].security_group_id
  description                  = "Routes from ${each.value.from}"
  referenced_security_group_id = module.server[each.value.from].security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.cluster_port
  to_port                      = local.cluster_port
}

resource "aws_vpc_security_group_egress_rule" "cluster" {
  for_each = local.pairs

  security_group_id            = module.server[each.value.from].security_group_id
  description                  = "Routes to ${each.value.to}"
  referenced_security_group_id = module.server[each.value.to].security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.cluster_port
  to_port                      = local.cluster_port
}
