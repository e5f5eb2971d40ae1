data "aws_iam_policy_document" "build" {
  for_each = local.places

  #checkov:skip=CKV_AWS_356:ecr:GetAuthorizationToken has no resource
  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
      "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = ["arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${var.project}/*"]
  }

  # The first image of a service that Terraform has not made yet.
  statement {
    sid       = "NoteFirstImages"
    actions   = ["ssm:PutParameter"]
    resources = ["arn:${local.partition}:ssm:${var.region}:${local.account}:parameter/${each.key}/*/image"]
  }
}
