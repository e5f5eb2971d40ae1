module "build" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-build"
  description  = "Pushes images of ${var.project} and notes the first ones for ${each.key}."
  provider_arn = local.provider_arn
  github       = local.github
  # A build runs before anybody has approved anything, so it has no environment; only the default branch builds.
  subjects     = [local.branch_subject]
  workflows    = local.branch_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { build = data.aws_iam_policy_document.build[each.key].json }
}

module "deploy" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-deploy"
  description  = "Deploys services of ${each.value.prefix} and turns them back."
  provider_arn = local.provider_arn
  github       = local.github
  subjects     = ["environment:${each.key}"]
  environments = [each.key]
  workflows    = local.branch_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { deploy = data.aws_iam_policy_document.deploy[each.key].json }
}

module "verify" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-verify"
  description  = "Follows deployments of ${each.value.prefix} and judges them."
  provider_arn = local.provider_arn
  github       = local.github
  subjects     = ["environment:${each.key}"]
  environments = [each.key]
  workflows    = local.branch_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { verify = data.aws_iam_policy_document.verify[each.key].json }
}

module "plan" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-plan"
  description  = "Reads ${each.value.prefix} to say what a change would do."
  provider_arn = local.provider_arn
  github       = local.github
  subjects     = ["pull_request", local.branch_subject]
  workflows    = local.pull_request_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { plan = data.aws_iam_policy_document.plan[each.key].json }

  managed_policy_arns = { read = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess" }
}

module "drift" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-drift"
  description  = "Looks at what ${each.value.prefix} really is, to say what differs from the code."
  provider_arn = local.provider_arn
  github       = local.github
  # On a schedule nobody is there to approve, so it has no environment; only the default branch looks.
  subjects     = [local.branch_subject]
  workflows    = local.branch_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { drift = data.aws_iam_policy_document.drift[each.key].json }

  managed_policy_arns = { read = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess" }
}

module "apply" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-apply"
  description  = "Changes the ground of ${each.value.prefix}."
  provider_arn = local.provider_arn
  github       = local.github
  subjects     = ["environment:${each.key}"]
  environments = [each.key]
  workflows    = local.branch_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { apply = data.aws_iam_policy_document.apply[each.key].json }
}

module "drill" {
  source   = "./github-role"
  for_each = local.places

  name         = "${each.value.prefix}-drill"
  description  = "Restores copies of what ${each.value.prefix} keeps, to see that it can be."
  provider_arn = local.provider_arn
  github       = local.github
  subjects     = ["environment:${each.key}"]
  environments = [each.key]
  workflows    = local.branch_workflows
  boundary_arn = aws_iam_policy.boundary.arn
  policies     = { drill = data.aws_iam_policy_document.drill[each.key].json }
}
