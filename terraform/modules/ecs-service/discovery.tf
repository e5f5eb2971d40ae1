locals {
  mapped   = try(var.discovery.mode == "cloud_map", false)
  connects = try(var.discovery.mode == "service_connect", false)
}

resource "aws_service_discovery_service" "this" {
  for_each = toset(local.mapped ? ["this"] : [])

  name = var.service

  # Its presence lets ECS take a task out of DNS that its own health check finds ill.
  health_check_custom_config {}

  dns_config {
    namespace_id   = var.discovery.namespace_id
    routing_policy = "MULTIVALUE"

    # As short as a task may go: its address must be forgotten before its drain ends.
    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}
