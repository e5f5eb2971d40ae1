variables {
  environment      = "prod"
  foundation_state = { backend = "local", config = { path = "none.tfstate" } }
}

override_data {
  target = data.terraform_remote_state.foundation

  values = {
    outputs = {
      network         = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], has_internet = true, has_interface_endpoints = false, endpoint_security_group_id = null, prefix_list_ids = { s3 = "pl-1" } }
      balancer        = { arn_suffix = "app/shop-prod/1", dns_name = "shop.example", security_group_id = "sg-1", https_listener_arn = "arn:https", has_test_listener = true, test_listener_arn = "arn:test" }
      cluster         = { arn = "arn:aws:ecs:us-east-1:123456789012:cluster/shop-prod", name = "shop-prod", namespace = { id = "ns-1", arn = "arn:ns", name = "shop-prod.internal" } }
      repository_arns = { email-api = "arn:aws:ecr:us-east-1:123456789012:repository/shop/email-api" }
      database        = { id = "shop-prod", security_group_id = "sg-2", port = 5432 }
      cache           = { id = "shop-prod", security_group_id = "sg-3", port = 6379, secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/prod/cache-AbCdEf" }
      queues = {
        email             = { name = "shop-prod-email", arn = "arn:aws:sqs:us-east-1:123456789012:shop-prod-email", url = "https://sqs/email", dead_letter = { name = "shop-prod-email-dlq", arn = "arn:dlq", url = "https://sqs/dlq" } }
        notification-jobs = { name = "shop-prod-notification-jobs", arn = "arn:aws:sqs:us-east-1:123456789012:shop-prod-notification-jobs", url = "https://sqs/jobs", dead_letter = { name = "d", arn = "arn:d", url = "https://sqs/d" } }
      }
      buckets     = { emails = { name = "emails", arn = "arn:aws:s3:::emails" }, uploads = { name = "uploads", arn = "arn:aws:s3:::uploads" }, logs = { name = "logs", arn = "arn:aws:s3:::logs" } }
      tables      = { notifications = { name = "shop-prod-notifications", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/shop-prod-notifications" } }
      secret_arns = { "service-key" = "arn:sk", "jwt/keys" = "arn:jk", providers = "arn:p" }
      parameters  = { "email-api/token" = { name = "/prod/email-api/token", arn = "arn:aws:ssm:us-east-1:123456789012:parameter/prod/email-api/token" } }
      key_arn     = "arn:aws:kms:us-east-1:123456789012:key/1"
    }
  }
}

run "makes_the_services_that_are_asked_for" {
  command = plan

  variables {
    services = ["email-api"]
    images   = { email-api = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/email-api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }

  assert {
    condition     = keys(module.service) == ["email-api"] && length(module.nats) == 0 && length(module.opensearch) == 0 && length(module.schedules) == 0
    error_message = "More is made than the one service that was asked for."
  }

  assert {
    condition     = module.service["email-api"].deployment_alarms == toset(["shop-prod-email-api-errors", "shop-prod-email-api-latency"]) && output.cluster == "shop-prod"
    error_message = "The service is not watched while it is deployed."
  }
}

run "refuses_a_first_image_that_nobody_pushed" {
  command = plan

  variables {
    services = ["email-api"]
  }

  override_data {
    target = data.aws_ssm_parameter.image["email-api"]
    values = { name = "/prod/email-api/image", insecure_value = "not yet" }
  }

  expect_failures = [data.aws_ssm_parameter.image]
}

run "says_which_service_it_does_not_know" {
  command = plan

  variables {
    services = ["email-api", "emial-consumer"]
    images   = { email-api = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/email-api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }

  expect_failures = [var.services]
}

run "keeps_the_pace_of_a_rehearsal" {
  command = plan

  variables {
    services  = ["email-api"]
    images    = { email-api = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/email-api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
    rehearsal = true
  }

  assert {
    condition     = local.pace.container.interval == 5 && local.common_environment["email-api"].DRAIN_DELAY_MS == "1000"
    error_message = "A rehearsal is as slow as production."
  }
}

run "refuses_a_scheduled_task_of_a_service_that_is_not_made" {
  command = plan

  variables {
    services  = ["email-api"]
    images    = { email-api = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/email-api@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
    schedules = { nightly = { expression = "rate(1 day)", service = "order", command = ["x"] } }
  }

  expect_failures = [var.schedules]
}
