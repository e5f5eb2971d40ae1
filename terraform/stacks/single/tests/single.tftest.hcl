variables {
  environment = "prod"
  image       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/solo/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "is_the_layout_of_the_seed" {
  command = plan

  assert {
    condition     = join(" ", module.network.zones) == "us-east-1a us-east-1b" && module.network.cidr == "10.0.0.0/16"
    error_message = "The network is not 10.0.0.0/16 in us-east-1a and us-east-1b."
  }

  assert {
    condition     = module.service.port == 3000 && module.service.full_name == "solo-prod-app" && module.service.template_parameter == "/prod/app/task-definition"
    error_message = "The service does not listen on 3000, or CI does not find its template."
  }
}

run "plans_for_dev" {
  command = plan

  variables {
    environment = "dev"
  }

  assert {
    condition     = module.service.full_name == "solo-dev-app"
    error_message = "The service is not named after its environment."
  }
}

run "plans_for_staging_with_another_strategy" {
  command = plan

  variables {
    environment = "staging"
    service     = { strategy = "blue-green" }
  }

  assert {
    condition     = keys(module.service.target_groups) == ["blue", "green"]
    error_message = "A blue/green service does not have two target groups."
  }
}

run "plans_for_a_drill" {
  command = plan

  variables {
    environment = "drill"
    rehearsal   = true
  }

  assert {
    condition     = module.service.full_name == "solo-drill-app"
    error_message = "The service is not named after its environment."
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
