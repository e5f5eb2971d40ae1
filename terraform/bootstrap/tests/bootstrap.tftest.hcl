variables {
  project = "shop"
  github  = { owner = "acme", owner_id = "11", repository = "shop", repository_id = "22", pack = "acme/berth" }

  environments = {
    prod = { services = { email-api = {}, order = { migrations = true }, gateway = { shifts = true } } }
    dev  = { services = { email-api = {} } }
  }
}

run "makes_seven_roles_for_each_environment" {
  command = apply

  assert {
    condition     = keys(output.roles) == ["dev", "prod"] && keys(output.roles.prod) == ["apply", "build", "deploy", "drift", "drill", "plan", "verify"]
    error_message = "The seven roles of each environment are not there."
  }

  # Build needs nobody's approval, plan runs on pull requests, everything else waits for the environment.
  assert {
    condition     = toset(jsondecode(module.build["prod"].trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == toset(["repo:acme@11/shop@22:ref:refs/heads/main", "repo:acme/shop:ref:refs/heads/main"])
    error_message = "Other branches build too."
  }

  assert {
    condition     = alltrue([for policy in [module.deploy["prod"].trust_policy, module.verify["prod"].trust_policy, module.apply["prod"].trust_policy, module.drill["prod"].trust_policy] : jsondecode(policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:environment"] == "prod"])
    error_message = "A role that writes does not wait for the environment prod."
  }

  assert {
    condition     = contains(jsondecode(module.plan["prod"].trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"], "repo:acme@11/shop@22:pull_request") && !strcontains(module.deploy["prod"].trust_policy, "pull_request") && !strcontains(module.drift["prod"].trust_policy, "pull_request")
    error_message = "Pull requests cannot plan, or can deploy or read secrets."
  }
}

run "keeps_states_versioned_encrypted_and_locked" {
  command = plan

  assert {
    condition     = output.backend.prod.use_lockfile && output.backend.prod.encrypt && output.backend.prod.bucket == "shop-terraform-123456789012"
    error_message = "States are not locked by a file, or not where the stacks look for them."
  }

  assert {
    condition     = aws_kms_key.state.enable_key_rotation
    error_message = "The key of the states never changes."
  }
}

run "passes_on_named_roles_only" {
  command = plan

  assert {
    condition     = toset(flatten([for statement in jsondecode(data.aws_iam_policy_document.deploy["prod"].json).Statement : statement.Resource if statement.Sid == "PassTaskRoles"])) == toset([for role in ["email-api-execution", "email-api-task", "gateway-execution", "gateway-task", "order-execution", "order-task"] : "arn:aws:iam::123456789012:role/shop-prod-${role}"])
    error_message = "Deploying passes on other roles than those of the services."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(data.aws_iam_policy_document.deploy["prod"].json).Statement : can(statement.Condition.StringEquals["iam:PassedToService"]) if contains(flatten([statement.Action]), "iam:PassRole")])
    error_message = "A role can be passed on to any service of AWS."
  }

  assert {
    condition     = [for statement in jsondecode(data.aws_iam_policy_document.deploy["prod"].json).Statement : statement.Resource if statement.Sid == "PassShiftRoles"] == ["arn:aws:iam::123456789012:role/shop-prod-gateway-shift"]
    error_message = "The shifting service's role is not passed on to ECS."
  }
}

run "runs_tasks_only_where_a_service_migrates" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(data.aws_iam_policy_document.deploy["prod"].json).Statement : statement.Resource if contains(flatten([statement.Action]), "ecs:RunTask") && statement.Effect == "Allow"] == ["arn:aws:ecs:us-east-1:123456789012:task-definition/shop-prod-order:*"]
    error_message = "A task can be run that is no migration of order."
  }

  assert {
    condition     = length([for statement in jsondecode(data.aws_iam_policy_document.deploy["dev"].json).Statement : statement if contains(flatten([statement.Action]), "ecs:RunTask") && statement.Effect == "Allow"]) == 0
    error_message = "In dev nothing migrates, and yet a task can be run."
  }

  assert {
    condition     = alltrue([for document in [data.aws_iam_policy_document.deploy["prod"].json, data.aws_iam_policy_document.verify["prod"].json, data.aws_iam_policy_document.drill["prod"].json] : !strcontains(document, "DeregisterTaskDefinition")])
    error_message = "A revision can be deregistered, which a rollback may need."
  }
}

run "bounds_what_roles_can_become" {
  command = plan

  assert {
    condition     = toset([for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Sid if statement.Effect == "Deny"]) == toset(["NoUsersNoKeys", "BoundaryStaysAsItIs", "BoundaryStaysOn", "RolesGetTheBoundary", "PipelineRolesStayAsTheyAre", "IdentityProviderStaysAsItIs"])
    error_message = "The boundary leaves a way out of itself."
  }

  assert {
    condition     = length(aws_iam_policy.boundary.policy) < 6144
    error_message = "The boundary is longer than a managed policy may be."
  }
}

run "uses_the_identity_provider_that_is_there" {
  command = plan

  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0 && length(data.aws_iam_openid_connect_provider.this) == 1
    error_message = "A second provider for the same issuer is made, which AWS refuses."
  }
}

run "refuses_a_repository_without_ids" {
  command = plan

  variables {
    github = { owner = "acme", repository = "shop" }
  }

  expect_failures = [var.github]
}

run "trusts_the_commit_that_callers_name" {
  command = plan

  variables {
    github = { owner = "acme", owner_id = "11", repository = "shop", repository_id = "22", pack = "acme/berth", pack_ref = "0123456789abcdef0123456789abcdef01234567" }
  }

  assert {
    condition     = contains(jsondecode(module.deploy["prod"].trust_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:job_workflow_ref"], "acme/berth/.github/workflows/*@0123456789abcdef0123456789abcdef01234567")
    error_message = "Who calls the pack by a commit cannot deploy."
  }
}

run "refuses_a_version_as_uses_has_it" {
  command = plan

  variables {
    github = { owner = "acme", owner_id = "11", repository = "shop", repository_id = "22", pack = "acme/berth", pack_ref = "v1" }
  }

  expect_failures = [var.github]
}

run "refuses_an_environment_nobody_described" {
  command = plan

  variables {
    environments = { production = { services = { email-api = {} } } }
  }

  expect_failures = [var.environments]
}

run "refuses_an_environment_without_services" {
  command = plan

  variables {
    environments = { prod = { services = {} } }
  }

  expect_failures = [var.environments]
}

run "refuses_a_project_that_is_too_long" {
  command = plan

  variables {
    project = "instafleet-platform"
  }

  expect_failures = [var.project]
}
