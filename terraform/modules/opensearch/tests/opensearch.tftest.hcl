variables {
  name          = "shop-prod"
  network       = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  log_groups    = { email-api = "/ecs/shop-prod-email-api", order = "/ecs/shop-prod-order" }
  failed_bucket = { name = "shop-prod-logs", arn = "arn:aws:s3:::shop-prod-logs" }
}

run "is_closed_and_encrypted" {
  command = plan

  assert {
    condition     = aws_opensearch_domain.this.encrypt_at_rest[0].enabled && aws_opensearch_domain.this.node_to_node_encryption[0].enabled && aws_opensearch_domain.this.domain_endpoint_options[0].enforce_https && startswith(aws_opensearch_domain.this.domain_endpoint_options[0].tls_security_policy, "Policy-Min-TLS-1-2")
    error_message = "Data rests or travels in plain."
  }

  assert {
    condition     = aws_opensearch_domain.this.vpc_options[0].subnet_ids == toset(["subnet-1"]) && aws_opensearch_domain.this.cluster_config[0].zone_awareness_enabled == false
    error_message = "One node does not sit in one subnet of the VPC."
  }

  assert {
    condition     = toset([for options in aws_opensearch_domain.this.log_publishing_options : options.log_type]) == toset(["ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"])
    error_message = "The domain does not say what it does."
  }
}

run "takes_the_lines_of_every_log_group" {
  command = plan

  assert {
    condition     = { for name, filter in aws_cloudwatch_log_subscription_filter.this : name => filter.log_group_name } == { email-api = "/ecs/shop-prod-email-api", order = "/ecs/shop-prod-order" }
    error_message = "A log group is not subscribed."
  }

  assert {
    condition     = [for processor in aws_kinesis_firehose_delivery_stream.this.opensearch_configuration[0].processing_configuration[0].processors : processor.type] == ["Decompression", "CloudWatchLogProcessing"] && aws_kinesis_firehose_delivery_stream.this.opensearch_configuration[0].s3_backup_mode == "FailedDocumentsOnly"
    error_message = "Envelopes are indexed instead of lines, or what fails is lost."
  }
}

run "spreads_two_nodes_over_two_zones" {
  command = plan

  variables {
    instance = { count = 2 }
  }

  assert {
    condition     = aws_opensearch_domain.this.cluster_config[0].zone_awareness_enabled && length(aws_opensearch_domain.this.vpc_options[0].subnet_ids) == 2
    error_message = "Both nodes sit in one zone."
  }
}

run "refuses_three_nodes_in_two_zones" {
  command = plan

  variables {
    instance = { count = 3 }
  }

  expect_failures = [var.instance]
}

run "refuses_a_type_of_another_service" {
  command = plan

  variables {
    instance = { type = "t3.small" }
  }

  expect_failures = [var.instance]
}
