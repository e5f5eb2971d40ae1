variables {
  name = "prod"

  settings = {
    production          = true
    deletion_protection = true
    network             = { cidr = "10.0.0.0/16", nat_mode = "per_az" }
    services            = { min = 2, max = 6 }
    database            = { multi_az = true, backup_days = 14 }
    cache               = { nodes = 2 }
    backup              = { days = 35 }
  }
}

run "fills_in_what_was_not_said" {
  command = plan

  assert {
    condition     = output.settings.log_days == 365 && output.settings.network.az_count == 2 && output.settings.own_key && output.settings.opensearch == null
    error_message = "What an environment does not say has no safe value."
  }
}

run "refuses_one_zone_in_production" {
  command = plan

  variables {
    settings = {
      production          = true
      deletion_protection = true
      network             = { cidr = "10.0.0.0/16", nat_mode = "per_az", az_count = 1 }
      services            = { min = 2, max = 6 }
      database            = { multi_az = true, backup_days = 14 }
      cache               = { nodes = 2 }
      backup              = { days = 35 }
    }
  }

  expect_failures = [var.settings]
}

run "refuses_no_deletion_protection_in_production" {
  command = plan

  variables {
    settings = {
      production = true
      network    = { cidr = "10.0.0.0/16", nat_mode = "per_az" }
      services   = { min = 2, max = 6 }
      database   = { multi_az = true, backup_days = 14 }
      cache      = { nodes = 2 }
      backup     = { days = 35 }
    }
  }

  expect_failures = [var.settings]
}

run "refuses_a_production_that_is_thrown_away" {
  command = plan

  variables {
    settings = {
      production          = true
      throwaway           = true
      deletion_protection = true
      network             = { cidr = "10.0.0.0/16", nat_mode = "per_az" }
      services            = { min = 2, max = 6 }
      database            = { multi_az = true, backup_days = 14 }
      cache               = { nodes = 2 }
      backup              = { days = 35 }
    }
  }

  expect_failures = [var.settings]
}

run "refuses_no_backups_in_production" {
  command = plan

  variables {
    settings = {
      production          = true
      deletion_protection = true
      network             = { cidr = "10.0.0.0/16", nat_mode = "per_az" }
      services            = { min = 2, max = 6 }
      database            = { multi_az = true, backup_days = 14 }
      cache               = { nodes = 2 }
    }
  }

  expect_failures = [var.settings]
}

run "refuses_one_task_in_production" {
  command = plan

  variables {
    settings = {
      production          = true
      deletion_protection = true
      network             = { cidr = "10.0.0.0/16", nat_mode = "per_az" }
      services            = { min = 1, max = 6 }
      database            = { multi_az = true, backup_days = 14 }
      cache               = { nodes = 2 }
      backup              = { days = 35 }
    }
  }

  expect_failures = [var.settings]
}
