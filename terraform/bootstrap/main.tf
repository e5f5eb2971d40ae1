data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition

  own_workflows = "${var.github.owner}/${var.github.repository}/.github/workflows"

  # Jobs of the default branch, as the repository's own workflow or as a reusable one of the pack at a released version.
  branch_workflows = concat(
    ["${local.own_workflows}/*@refs/heads/${var.github.branch}"],
    [for pack in var.github.pack[*] : "${pack}/.github/workflows/*@${var.github.pack_ref}"],
  )

  # A pull request's workflow is its own: that it can be changed there is why the plan role only reads.
  pull_request_workflows = concat(
    local.branch_workflows,
    ["${local.own_workflows}/*@refs/pull/*"],
  )

  github = {
    owner          = var.github.owner
    owner_id       = var.github.owner_id
    repository     = var.github.repository
    repository_id  = var.github.repository_id
    subject_format = var.github.subject_format
  }

  branch_subject = "ref:refs/heads/${var.github.branch}"

  # What every environment's names and ARNs are made of.
  places = { for environment, settings in var.environments : environment => {
    prefix   = "${var.project}-${environment}"
    cluster  = "${var.project}-${environment}"
    services = settings.services
    ecs      = "arn:${local.partition}:ecs:${var.region}:${local.account}"
    roles    = "arn:${local.partition}:iam::${local.account}:role/${var.project}-${environment}"
    state    = "${module.state.arn}/${environment}"
  } }
}
