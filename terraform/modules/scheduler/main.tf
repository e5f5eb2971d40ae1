data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  place           = "${data.aws_region.this.region}:${data.aws_caller_identity.this.account_id}"
  task_definition = { for name, schedule in var.schedules : name => "arn:${data.aws_partition.this.partition}:ecs:${local.place}:task-definition/${schedule.family}" }
}

# Starts that failed for good; a task that ran and failed tells by its own logs and metrics.
module "failed" {
  source = "../queue"

  name           = "${var.name}-schedules-failed"
  kms_key_arn    = var.kms_key_arn
  retention_days = 13
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_iam_policy_document" "run" {
  for_each = var.schedules

  statement {
    sid       = "RunTheTask"
    actions   = ["ecs:RunTask"]
    resources = ["${local.task_definition[each.key]}:*", local.task_definition[each.key]]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster_arn]
    }
  }

  statement {
    sid       = "PassItsRoles"
    actions   = ["iam:PassRole"]
    resources = each.value.role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "SayWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = [module.failed.arn]
  }

  # The schedule itself is encrypted, and so is the queue.
  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "UseTheKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = var.schedules

  name                 = "${var.name}-${each.key}-schedule"
  description          = "Starts the scheduled task ${each.key}."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "this" {
  for_each = var.schedules

  name   = "run"
  role   = aws_iam_role.this[each.key].name
  policy = data.aws_iam_policy_document.run[each.key].json
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  #checkov:skip=CKV_AWS_297:The environment's key is used where it is given; development may go without one
  name                         = "${var.name}-${each.key}"
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone
  state                        = each.value.enabled ? "ENABLED" : "DISABLED"
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.this[each.key].arn
    input    = jsonencode({ containerOverrides = [{ name = each.value.container, command = each.value.command }] })

    ecs_parameters {
      # Without a revision: the newest one, whatever was deployed since.
      task_definition_arn = local.task_definition[each.key]
      launch_type         = "FARGATE"
      task_count          = 1

      network_configuration {
        subnets          = var.network.subnet_ids
        security_groups  = [each.value.security_group_id]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_retry_attempts       = each.value.retries
      maximum_event_age_in_seconds = 3600
    }

    dead_letter_config {
      arn = module.failed.arn
    }
  }
}
