locals {
  # Every stack's state of one environment; a plan makes and removes the lock beside it too.
  state_actions = { read = ["s3:GetObject"], write = ["s3:GetObject", "s3:PutObject"] }
}

data "aws_iam_policy_document" "state" {
  for_each = merge([for environment, place in local.places : {
    "${environment}-read"  = { place = place, actions = local.state_actions.read }
    "${environment}-write" = { place = place, actions = local.state_actions.write }
  }]...)

  statement {
    sid       = "FindStates"
    actions   = ["s3:GetBucketVersioning", "s3:ListBucket"]
    resources = [module.state.arn]
  }

  statement {
    sid       = "States"
    actions   = each.value.actions
    resources = ["${each.value.place.state}/*.tfstate"]
  }

  statement {
    sid       = "Locks"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${each.value.place.state}/*.tfstate.tflock"]
  }

  statement {
    sid       = "StateKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.state.arn]
  }
}

data "aws_iam_policy_document" "plan" {
  for_each = local.places

  source_policy_documents = [data.aws_iam_policy_document.state["${each.key}-read"].json]

  # Kept under its own digest for the job that applies it, which is told the digest by the job that plans.
  statement {
    sid       = "KeepPlans"
    actions   = ["s3:PutObject"]
    resources = ["${each.value.state}/plans/*.tfplan"]
  }

  # Passwords made while applying are asked for while planning too, and thrown away.
  statement {
    sid       = "ThinkOfPasswords"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }

  # ReadOnlyAccess reads what AWS keeps, and would read what people keep as well.
  statement {
    sid           = "NoData"
    effect        = "Deny"
    not_resources = ["${each.value.state}/*"]
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
  }

  statement {
    sid    = "NoSecrets"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "logs:FilterLogEvents", "logs:GetLogEvents",
      "logs:StartQuery", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }

  # Reads of plain parameters are part of planning; a decrypted one needs the environment's key.
  statement {
    sid           = "NoDecryption"
    effect        = "Deny"
    actions       = ["kms:Decrypt"]
    not_resources = [aws_kms_key.state.arn]
  }
}

# What a plan that looks at what is really there reads on top of ReadOnlyAccess: a refresh reads the value of every
# secret that Terraform made the first version of. So this is for reviewed code only.
data "aws_iam_policy_document" "drift" {
  for_each = local.places

  source_policy_documents = [data.aws_iam_policy_document.state["${each.key}-read"].json]

  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:${local.partition}:secretsmanager:${var.region}:${local.account}:secret:${var.project}/${each.key}/*"]
  }

  statement {
    sid       = "ThinkOfPasswords"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }

  #checkov:skip=CKV_AWS_356:The environment's key is made later, by another stack; the condition holds it to these two services
  statement {
    sid       = "DecryptThem"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${var.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["secretsmanager", "ssm"] : "${service}.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid           = "NoData"
    effect        = "Deny"
    not_resources = ["${each.value.state}/*"]
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
  }

  statement {
    sid    = "NoRecords"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "logs:FilterLogEvents", "logs:GetLogEvents",
      "logs:StartQuery", "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "apply" {
  for_each = local.places

  #checkov:skip=CKV_AWS_107:Whoever makes the ground makes its roles and secrets; environment, reviewers and boundary hold the role
  #checkov:skip=CKV_AWS_108:The same
  #checkov:skip=CKV_AWS_109:The same
  #checkov:skip=CKV_AWS_110:The same
  #checkov:skip=CKV_AWS_111:The same
  #checkov:skip=CKV_AWS_356:The same
  #checkov:skip=CKV2_AWS_40:The same
  source_policy_documents = [data.aws_iam_policy_document.state["${each.key}-write"].json]

  statement {
    sid       = "FetchPlans"
    actions   = ["s3:GetObject"]
    resources = ["${each.value.state}/plans/*.tfplan"]
  }

  statement {
    sid = "MakeTheGround"
    actions = [
      "acm:*", "application-autoscaling:*", "backup:*", "backup-storage:*", "cloudwatch:*", "dynamodb:*", "ec2:*", "ecr:*",
      "ecs:*", "elasticache:*", "elasticloadbalancing:*", "es:*", "firehose:*", "iam:*", "kms:*", "logs:*", "rds:*",
      "route53:*", "s3:*", "scheduler:*", "secretsmanager:*", "servicediscovery:*", "sns:*", "sqs:*", "ssm:*", "tag:*",
      "wafv2:*",
    ]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = length(local.places) > 1 ? ["others"] : []

    content {
      sid       = "OtherStatesStayClosed"
      effect    = "Deny"
      actions   = ["s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
      resources = [for environment, place in local.places : "${place.state}/*" if environment != each.key]
    }
  }

  statement {
    sid       = "StateBucketStays"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:PutBucketVersioning"]
    resources = [module.state.arn]
  }
}
