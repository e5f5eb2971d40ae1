# Bounds every role that is made here or by apply: whatever is written into a role, it cannot make users, take off its
# boundary, or make a role without one.
locals {
  boundary_arn = "arn:${local.partition}:iam::${local.account}:policy/${var.project}-boundary"
}

data "aws_iam_policy_document" "boundary" {
  #checkov:skip=CKV_AWS_49:A boundary grants nothing; it is the most that a role's own policies can reach
  #checkov:skip=CKV_AWS_107:The same
  #checkov:skip=CKV_AWS_108:The same
  #checkov:skip=CKV_AWS_109:The same
  #checkov:skip=CKV_AWS_110:The same
  #checkov:skip=CKV_AWS_111:The same
  #checkov:skip=CKV_AWS_283:The same
  #checkov:skip=CKV_AWS_356:The same
  #checkov:skip=CKV2_AWS_40:The same
  statement {
    sid = "ServicesInUse"
    actions = [
      "acm:*", "application-autoscaling:*", "backup:*", "backup-storage:*", "cloudwatch:*", "dynamodb:*", "ec2:*", "ecr:*",
      "ecs:*", "elasticache:*", "elasticloadbalancing:*", "es:*", "events:*", "firehose:*", "iam:*", "kms:*", "logs:*",
      "rds:*", "route53:*", "s3:*", "scheduler:*", "secretsmanager:*", "servicediscovery:*", "sns:*", "sqs:*", "ssm:*",
      "ssmmessages:*", "sts:*", "tag:*", "wafv2:*",
    ]
    resources = ["*"]
  }

  statement {
    sid    = "NoUsersNoKeys"
    effect = "Deny"
    actions = [
      "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateUser",
      "iam:PutUserPolicy", "iam:UpdateLoginProfile", "iam:CreateSAMLProvider",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "BoundaryStaysAsItIs"
    effect    = "Deny"
    actions   = ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"]
    resources = [local.boundary_arn]
  }

  statement {
    sid       = "BoundaryStaysOn"
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"]
    resources = ["*"]
  }

  statement {
    sid       = "RolesGetTheBoundary"
    effect    = "Deny"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"]
    resources = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.boundary_arn]
    }
  }

  # Who may assume what is decided where this stack is applied, by a person.
  statement {
    sid    = "PipelineRolesStayAsTheyAre"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
      "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
    ]
    resources = flatten([for place in values(local.places) : [for role in ["build", "deploy", "verify", "plan", "drift", "apply", "drill"] : "${place.roles}-${role}"]])
  }

  statement {
    sid    = "IdentityProviderStaysAsItIs"
    effect = "Deny"
    actions = [
      "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider",
      "iam:DeleteOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.project}-boundary"
  description = "The most that any role of ${var.project} can do."
  policy      = data.aws_iam_policy_document.boundary.json
}
