data "aws_iam_policy_document" "drill" {
  for_each = local.places

  #checkov:skip=CKV_AWS_356:Descriptions of restores have no resource
  #checkov:skip=CKV_AWS_111:The same; every write is held to names that begin with drill-
  statement {
    sid = "Look"
    actions = [
      "backup:DescribeRestoreJob", "backup:GetRecoveryPointRestoreMetadata", "backup:ListRecoveryPointsByBackupVault",
      "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "ecs:DescribeServices", "ecs:DescribeTaskDefinition",
      "rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource",
    ]
    resources = ["*"]
  }

  # With a new master password from RDS: a copy has the original's until then.
  statement {
    sid     = "RestoreDatabase"
    actions = ["rds:RestoreDBInstanceToPointInTime"]
    resources = [
      for resource in ["db:${each.value.prefix}", "db:drill-*", "subgrp:${each.value.prefix}", "pg:${each.value.prefix}-*", "og:default*"] :
      "arn:${local.partition}:rds:${var.region}:${local.account}:${resource}"
    ]
  }

  statement {
    sid       = "ChangeAndDeleteTheCopy"
    actions   = ["rds:AddTagsToResource", "rds:DeleteDBInstance", "rds:ModifyDBInstance"]
    resources = ["arn:${local.partition}:rds:${var.region}:${local.account}:db:drill-*"]
  }

  statement {
    sid     = "RestoreTables"
    actions = ["dynamodb:RestoreTableToPointInTime"]
    resources = [
      "arn:${local.partition}:dynamodb:${var.region}:${local.account}:table/${each.value.prefix}-*",
      "arn:${local.partition}:dynamodb:${var.region}:${local.account}:table/drill-*",
    ]
  }

  statement {
    sid = "FillAndDeleteTheCopy"
    actions = [
      "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:GetItem", "dynamodb:PutItem",
      "dynamodb:Query", "dynamodb:Scan", "dynamodb:TagResource", "dynamodb:UpdateItem",
    ]
    resources = ["arn:${local.partition}:dynamodb:${var.region}:${local.account}:table/drill-*"]
  }

  statement {
    sid       = "RestoreFromTheVault"
    actions   = ["backup:StartRestoreJob"]
    resources = ["arn:${local.partition}:backup:${var.region}:${local.account}:recovery-point:*"]
  }

  statement {
    sid       = "LetBackupRestore"
    actions   = ["iam:PassRole"]
    resources = ["${each.value.roles}-backup"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["backup.amazonaws.com"]
    }
  }

  # Whatever else is written here some day: the original is never what a drill deletes or changes.
  statement {
    sid    = "OriginalsStay"
    effect = "Deny"
    actions = [
      "dynamodb:DeleteTable", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
      "rds:DeleteDBInstance", "rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:StopDBInstance",
    ]
    not_resources = [
      "arn:${local.partition}:rds:${var.region}:${local.account}:db:drill-*",
      "arn:${local.partition}:dynamodb:${var.region}:${local.account}:table/drill-*",
    ]
  }
}
