variables {
  name         = "shop-prod-deploy"
  description  = "Deploys."
  provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  github       = { owner = "acme", owner_id = "11", repository = "shop", repository_id = "22" }
  subjects     = ["environment:prod"]
  environments = ["prod"]
  workflows    = ["acme/shop/.github/workflows/*@refs/heads/main", "acme/berth/.github/workflows/*@refs/tags/v*"]
  boundary_arn = "arn:aws:iam::123456789012:policy/shop-boundary"
  policies     = { deploy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

run "lets_in_one_repository_by_its_ids_in_one_environment" {
  command = plan

  assert {
    condition     = jsondecode(output.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com" && jsondecode(output.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:repository_id"] == "22" && jsondecode(output.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:environment"] == "prod"
    error_message = "Audience, repository id and environment are not all asked for."
  }

  # New repositories' tokens name owner and repository with their ids, older ones' without: both, and nothing wider.
  assert {
    condition     = toset(jsondecode(output.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == toset(["repo:acme@11/shop@22:environment:prod", "repo:acme/shop:environment:prod"])
    error_message = "The subject is not the environment's, in both formats."
  }

  assert {
    condition     = toset(jsondecode(output.trust_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:job_workflow_ref"]) == toset(["acme/shop/.github/workflows/*@refs/heads/main", "acme/berth/.github/workflows/*@refs/tags/v*"])
    error_message = "Any workflow gets in."
  }

  assert {
    condition     = length(jsondecode(output.trust_policy).Statement) == 1 && jsondecode(output.trust_policy).Statement[0].Action == "sts:AssumeRoleWithWebIdentity" && keys(jsondecode(output.trust_policy).Statement[0].Principal) == ["Federated"]
    error_message = "Somebody else than the identity provider's tokens gets in."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.boundary_arn && aws_iam_role.this.max_session_duration == 3600
    error_message = "The role has no boundary, or its sessions last longer than an hour."
  }
}

run "takes_one_format_where_it_is_known" {
  command = plan

  variables {
    github = { owner = "acme", owner_id = "11", repository = "shop", repository_id = "22", subject_format = "immutable" }
  }

  assert {
    condition     = jsondecode(output.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:acme@11/shop@22:environment:prod"
    error_message = "The older format is taken too."
  }
}

run "asks_for_no_environment_where_jobs_have_none" {
  command = plan

  variables {
    subjects     = ["ref:refs/heads/main", "pull_request"]
    environments = []
  }

  assert {
    condition     = !contains(keys(jsondecode(output.trust_policy).Statement[0].Condition.StringEquals), "token.actions.githubusercontent.com:environment")
    error_message = "A claim is asked for that the token does not have."
  }
}

run "refuses_a_repository_without_its_id" {
  command = plan

  variables {
    github = { owner = "acme", owner_id = "11", repository = "shop" }
  }

  expect_failures = [var.github]
}

run "refuses_an_owner_without_its_id" {
  command = plan

  variables {
    github = { owner = "acme", repository = "shop", repository_id = "22" }
  }

  expect_failures = [var.github]
}

run "refuses_every_branch" {
  command = plan

  variables {
    subjects = ["*"]
  }

  expect_failures = [var.subjects]
}

run "refuses_branches_by_pattern" {
  command = plan

  variables {
    subjects = ["ref:refs/heads/*"]
  }

  expect_failures = [var.subjects]
}

run "refuses_every_workflow" {
  command = plan

  variables {
    workflows = ["*"]
  }

  expect_failures = [var.workflows]
}

run "refuses_a_name_that_has_been_refused" {
  command = plan

  variables {
    name = "GitHubDeploy"
  }

  expect_failures = [var.name]
}
