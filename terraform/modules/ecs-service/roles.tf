data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # Only tasks of this account and region: ECS assumes roles for all its customers.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${local.region}:${local.account}:*"]
    }
  }
}

locals {
  # A secret's ARN may end in :key:stage:id, which no policy knows.
  secret_arns = [for name in sort(keys(var.task.secrets)) : join(":", slice(split(":", var.task.secrets[name]), 0, 7))]
}

# What ECS itself does for the task: pull the image, open its log stream, fetch its secrets.
data "aws_iam_policy_document" "execution" {
  #checkov:skip=CKV_AWS_356:ecr:GetAuthorizationToken has no resource
  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.task.repository_arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = length(var.task.secrets) > 0 ? ["secrets"] : []

    content {
      sid       = "ReadSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = local.secret_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.task.parameters) > 0 ? ["parameters"] : []

    content {
      sid       = "ReadParameters"
      actions   = ["ssm:GetParameters"]
      resources = values(var.task.parameters)
    }
  }

  dynamic "statement" {
    for_each = length(var.task.secrets) + length(var.task.parameters) > 0 ? var.kms_key_arn[*] : []

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "execution" {
  name                 = "${local.full_name}-execution"
  description          = "What ECS does for tasks of ${local.full_name} before they run."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "execution" {
  name   = "execution"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.execution.json
}

# What the service's own code does.
data "aws_iam_policy_document" "task" {
  #checkov:skip=CKV_AWS_356:The ssmmessages channels of interactive sessions have no resource, and exist only where shells are allowed
  #checkov:skip=CKV_AWS_111:The same channels; all other statements come with their resources
  dynamic "statement" {
    for_each = var.permissions

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }

  dynamic "statement" {
    for_each = var.exec ? ["exec"] : []

    content {
      sid = "InteractiveSessions"
      actions = [
        "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.exec ? ["exec"] : []

    content {
      sid       = "LogInteractiveSessions"
      actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/ecs/${var.cluster.name}/exec:*"]
    }
  }

  dynamic "statement" {
    for_each = var.exec ? var.kms_key_arn[*] : []

    content {
      sid       = "EncryptInteractiveSessions"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = "${local.full_name}-task"
  description          = "What the code of ${local.full_name} may do."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "task" {
  # A policy without statements is refused by IAM.
  for_each = toset(length(var.permissions) > 0 || var.exec ? ["this"] : [])

  name   = "task"
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.task.json
}

# Moves the weights of the listener rules, for ECS's own deployments. Without a condition, as AWS's guide has it: nothing is
# said of what ECS sends with it, and who hands it to a service needs iam:PassRole in this account.
data "aws_iam_policy_document" "shift_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "shift" {
  for_each = toset(local.shifts ? ["this"] : [])

  name                 = "${local.full_name}-shift"
  description          = "Shifts traffic between the two target groups of ${local.full_name}."
  assume_role_policy   = data.aws_iam_policy_document.shift_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "shift" {
  for_each = aws_iam_role.shift

  role       = each.value.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
}
