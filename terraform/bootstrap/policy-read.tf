# What deploy, rollback and verify all read, in one cluster.
data "aws_iam_policy_document" "read" {
  for_each = local.places

  #checkov:skip=CKV_AWS_356:These reads have no resource, or are held to the cluster by a condition
  statement {
    sid = "ReadServices"
    actions = [
      "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:DescribeServices",
      "ecs:ListServiceDeployments", "ecs:ListTagsForResource",
    ]
    resources = concat(
      [for kind in ["service", "service-deployment", "service-revision"] : "${each.value.ecs}:${kind}/${each.value.cluster}/*"],
      ["${each.value.ecs}:task-definition/${each.value.prefix}-*:*"],
    )
  }

  statement {
    sid       = "ReadTasks"
    actions   = ["ecs:DescribeTasks", "ecs:ListServices", "ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["${each.value.ecs}:cluster/${each.value.cluster}"]
    }
  }

  statement {
    sid = "ReadWhatHasNoResource"
    actions = [
      "application-autoscaling:DescribeScalableTargets", "cloudwatch:DescribeAlarms", "ecs:DescribeTaskDefinition",
      "ecs:ListClusters", "ecs:ListTaskDefinitionFamilies", "ecs:ListTaskDefinitions",
      "elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth", "logs:DescribeLogGroups", "ssm:DescribeParameters",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "ReadLogs"
    actions   = ["logs:GetLogEvents"]
    resources = ["arn:${local.partition}:logs:${var.region}:${local.account}:log-group:/ecs/${each.value.prefix}-*"]
  }

  statement {
    sid       = "ReadImages"
    actions   = ["ecr:DescribeImages", "ecr:DescribeRepositories"]
    resources = ["arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${var.project}/*"]
  }

  # A revision that failed its smoke test is marked so, and no other tag may be set or taken off.
  statement {
    sid       = "MarkRevisions"
    actions   = ["ecs:TagResource"]
    resources = ["${each.value.ecs}:task-definition/${each.value.prefix}-*:*"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["known-bad"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  # To stop what the verdict is about is part of judging it, and of turning it back.
  statement {
    sid       = "StopDeployments"
    actions   = ["ecs:StopServiceDeployment"]
    resources = [for kind in ["service", "service-deployment"] : "${each.value.ecs}:${kind}/${each.value.cluster}/*"]
  }
}

data "aws_iam_policy_document" "verify" {
  for_each = local.places

  source_policy_documents = [data.aws_iam_policy_document.read[each.key].json]
}
