variables {
  environment = "prod"
}

run "refuses_to_begin_from_a_copy_elsewhere_than_in_a_drill" {
  command = plan

  variables {
    restore_from = { instance = "shop-prod" }
  }

  expect_failures = [var.restore_from]
}

run "refuses_a_registry_that_is_no_account" {
  command = plan

  variables {
    registry = { account = "shop" }
  }

  expect_failures = [var.registry]
}
