data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

locals {
  topic_arn = var.topic == null ? aws_sns_topic.this["this"].arn : var.topic.arn
}

resource "aws_sns_topic" "this" {
  for_each = toset(var.topic == null ? ["this"] : [])

  #checkov:skip=CKV_AWS_26:The environment's key is used where it is given; development may go without one
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

data "aws_iam_policy_document" "topic" {
  for_each = aws_sns_topic.this

  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [each.value.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "elasticache.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [each.value.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn    = each.value.arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.topic == null ? var.emails : toset([])

  topic_arn = local.topic_arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  #checkov:skip=CKV_AWS_158:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_338:Development keeps a month; the environments set a year for production
  name              = each.key
  retention_in_days = each.value.days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = merge([for group, settings in var.log_groups : {
    for metric, pattern in settings.metrics : "${group}:${metric}" => { group = group, metric = metric, pattern = pattern }
  }]...)

  name           = each.value.metric
  log_group_name = aws_cloudwatch_log_group.this[each.value.group].name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = "Berth/${var.name}"
    name          = each.value.metric
    value         = "1"
    default_value = "0"
  }
}
