locals {
  issuer = "token.actions.githubusercontent.com"

  immutable = "repo:${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}"
  legacy    = "repo:${var.github.owner}/${var.github.repository}"

  repositories = {
    immutable = [local.immutable]
    legacy    = [local.legacy]
    both      = [local.immutable, local.legacy]
  }[var.github.subject_format]

  subjects = flatten([for repository in local.repositories : [for subject in var.subjects : "${repository}:${subject}"]])

  # Claims besides the subject: each holds on its own, so that a mistake in one opens nothing.
  claims = merge(
    {
      aud           = ["sts.amazonaws.com"]
      repository_id = [var.github.repository_id]
      sub           = local.subjects
    },
    length(var.environments) > 0 ? { environment = var.environments } : {},
  )
}

data "aws_iam_policy_document" "trust" {
  #checkov:skip=CKV_AWS_358:The rule does not know the subjects of newer repositories, repo:OWNER@ID/REPO@ID; tests/github-role.tftest.hcl holds what it asks for
  #checkov:skip=CKV_AWS_393:The same
  statement {
    sid     = "JobsOfOneRepository"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.provider_arn]
    }

    dynamic "condition" {
      for_each = local.claims

      content {
        test     = "StringEquals"
        variable = "${local.issuer}:${condition.key}"
        values   = condition.value
      }
    }

    condition {
      test     = "StringLike"
      variable = "${local.issuer}:job_workflow_ref"
      values   = var.workflows
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = var.description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary_arn
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "this" {
  for_each = var.policies

  name   = each.key
  role   = aws_iam_role.this.name
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.managed_policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}
