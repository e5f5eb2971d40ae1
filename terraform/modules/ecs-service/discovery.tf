locals {
  mapped   = try(var.discovery.mode == "cloud_map", false)
  connects = try(var.discovery.mode == "service_connect", false)
}

resource "aws_service_discovery_service" "this" {
  for_each = toset(local.mapped ? ["this"] : [])

  name = var.service

  # Its presence lets ECS take a task out of DNS that its own health check finds ill. AWS knows no other threshold, but
  # without one the provider neither sends the block nor finds it again, and would replace the name at every plan.
  health_check_custom_config {
    failure_threshold = 1
  }

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
