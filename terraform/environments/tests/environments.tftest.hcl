variables {
  project     = "shop"
  environment = "prod"
}

run "prod_is_whole" {
  command = plan

  assert {
    condition     = output.name == "shop-prod" && output.settings.production && output.settings.network.nat_mode == "per_az" && output.settings.network.cidr == "10.0.0.0/16" && output.settings.services.min == 2 && output.settings.services.max == 6
    error_message = "Production is not in two zones with two to six tasks."
  }

  assert {
    condition     = keys(output.services) == ["customer", "dispatch", "driver", "email-api", "email-consumer", "gateway", "identity", "notification", "order", "tracking"]
    error_message = "The ten services are not all there."
  }

  assert {
    condition     = { for name, service in output.services : name => service.port } == { customer = 3006, dispatch = 3003, driver = 3002, email-api = 8000, email-consumer = 9090, gateway = 8080, identity = 3000, notification = 3004, order = 3001, tracking = 3005 }
    error_message = "A service does not listen on the port of the seeds."
  }
}

run "dev_is_cheap" {
  command = plan

  variables {
    environment = "dev"
  }

  assert {
    condition     = !output.settings.production && output.settings.throwaway && output.settings.network.nat_mode == "instance" && output.settings.spot.spot_percent == 100 && output.settings.services.min == 1 && output.settings.services.max == 3
    error_message = "Development costs more than it must."
  }
}

run "staging_has_productions_shape" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = output.settings.database.multi_az && output.settings.cache.nodes == 2 && output.settings.strategies == tomap({ gateway = "canary" })
    error_message = "Staging lacks a part that production has."
  }
}

run "drill_cannot_reach_anybody" {
  command = plan

  variables {
    environment = "drill"
  }

  assert {
    condition     = output.settings.network.nat_mode == "none" && contains(output.settings.network.interface_endpoints, "sqs")
    error_message = "A copy of production can write to the world."
  }
}

run "refuses_an_environment_that_is_none" {
  command = plan

  variables {
    environment = "production"
  }

  expect_failures = [var.environment]
}

run "refuses_a_project_that_is_too_long" {
  command = plan

  variables {
    project = "instafleet-platform"
  }

  expect_failures = [var.project]
}
