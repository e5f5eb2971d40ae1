locals {
  # Roles by name, as a wildcard would let a new revision take any role that is ever made.
  task_roles  = { for environment, place in local.places : environment => flatten([for service in keys(place.services) : ["${place.roles}-${service}-execution", "${place.roles}-${service}-task"]]) }
  shift_roles = { for environment, place in local.places : environment => [for service, settings in place.services : "${place.roles}-${service}-shift" if settings.shifts] }
  migrating   = { for environment, place in local.places : environment => [for service, settings in place.services : service if settings.migrations] }
}

data "aws_iam_policy_document" "deploy" {
  for_each = local.places

  #checkov:skip=CKV_AWS_111:Scalable targets are named by ids nobody knows before; a condition holds them to services of ECS
  #checkov:skip=CKV_AWS_356:The same
  source_policy_documents = [data.aws_iam_policy_document.read[each.key].json]

  statement {
    sid       = "RegisterRevisions"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["${each.value.ecs}:task-definition/${each.value.prefix}-*:*"]
  }

  statement {
    sid       = "TagRevisionsAtTheirBirth"
    actions   = ["ecs:TagResource"]
    resources = ["${each.value.ecs}:task-definition/${each.value.prefix}-*:*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition"]
    }
  }

  # No revision is ever deregistered: a rollback may need any of them.
  statement {
    sid       = "UpdateServices"
    actions   = ["ecs:UpdateService"]
    resources = ["${each.value.ecs}:service/${each.value.cluster}/*"]
  }

  statement {
    sid       = "ContinueDeployments"
    actions   = ["ecs:ContinueServiceDeployment"]
    resources = [for kind in ["service", "service-deployment"] : "${each.value.ecs}:${kind}/${each.value.cluster}/*"]
  }

  # A shell in a container, a public address, a container that owns its host: none comes by a deployment.
  statement {
    sid       = "NoShells"
    effect    = "Deny"
    actions   = ["ecs:UpdateService", "ecs:RunTask"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "ecs:enable-execute-command"
      values   = ["true"]
    }
  }

  statement {
    sid       = "NoPublicAddresses"
    effect    = "Deny"
    actions   = ["ecs:UpdateService", "ecs:RunTask"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "ecs:auto-assign-public-ip"
      values   = ["true"]
    }
  }

  statement {
    sid       = "NoPrivilegedContainers"
    effect    = "Deny"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "ecs:privileged"
      values   = ["true"]
    }
  }

  statement {
    sid       = "PassTaskRoles"
    actions   = ["iam:PassRole"]
    resources = local.task_roles[each.key]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  dynamic "statement" {
    for_each = length(local.shift_roles[each.key]) > 0 ? ["shift"] : []

    content {
      sid       = "PassShiftRoles"
      actions   = ["iam:PassRole"]
      resources = local.shift_roles[each.key]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["ecs.amazonaws.com"]
      }
    }
  }

  # Only for services that say so: whoever may run a task may run any command with the service's roles.
  dynamic "statement" {
    for_each = length(local.migrating[each.key]) > 0 ? ["migrations"] : []

    content {
      sid       = "RunMigrations"
      actions   = ["ecs:RunTask"]
      resources = [for service in local.migrating[each.key] : "${each.value.ecs}:task-definition/${each.value.prefix}-${service}:*"]

      condition {
        test     = "ArnEquals"
        variable = "ecs:cluster"
        values   = ["${each.value.ecs}:cluster/${each.value.cluster}"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.migrating[each.key]) > 0 ? ["migrations"] : []

    content {
      sid       = "StopMigrations"
      actions   = ["ecs:StopTask"]
      resources = ["${each.value.ecs}:task/${each.value.cluster}/*"]
    }
  }

  # A run that starts again knows its own task by these; a rollback knows by `migrated-at` what older code may not fit.
  dynamic "statement" {
    for_each = length(local.migrating[each.key]) > 0 ? ["migrations"] : []

    content {
      sid       = "TagMigrationsAtTheirBirth"
      actions   = ["ecs:TagResource"]
      resources = ["${each.value.ecs}:task/${each.value.cluster}/*"]

      condition {
        test     = "StringEquals"
        variable = "ecs:CreateAction"
        values   = ["RunTask"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.migrating[each.key]) > 0 ? ["migrations"] : []

    content {
      sid       = "MarkMigratedRevisions"
      actions   = ["ecs:TagResource"]
      resources = ["${each.value.ecs}:task-definition/${each.value.prefix}-*:*"]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "aws:TagKeys"
        values   = ["migrated-at"]
      }

      condition {
        test     = "Null"
        variable = "aws:TagKeys"
        values   = ["false"]
      }
    }
  }

  # Scaling is held for the time of a deployment and let go after it.
  statement {
    sid       = "HoldScaling"
    actions   = ["application-autoscaling:RegisterScalableTarget"]
    resources = ["arn:${local.partition}:application-autoscaling:${var.region}:${local.account}:scalable-target/*"]

    condition {
      test     = "StringEquals"
      variable = "application-autoscaling:service-namespace"
      values   = ["ecs"]
    }
  }

  # What is held is written on the target itself, so that whoever comes after a runner that died lets it go.
  statement {
    sid       = "RememberHeldScaling"
    actions   = ["application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
    resources = ["arn:${local.partition}:application-autoscaling:${var.region}:${local.account}:scalable-target/*"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["berth-holds"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "ReadHeldScaling"
    actions   = ["application-autoscaling:ListTagsForResource"]
    resources = ["arn:${local.partition}:application-autoscaling:${var.region}:${local.account}:scalable-target/*"]
  }

  # So is on the service that a rollback has taken its alarms off, for whoever comes after one that died.
  statement {
    sid       = "RememberAlarmsOff"
    actions   = ["ecs:TagResource", "ecs:UntagResource"]
    resources = ["${each.value.ecs}:service/${each.value.cluster}/*"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["berth-alarms-off"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "ReadTemplates"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${local.partition}:ssm:${var.region}:${local.account}:parameter/${each.key}/*"]
  }

  # Before the first write a rollback looks whether what the old revision needs is still there; never into a secret.
  statement {
    sid       = "LookAtSecrets"
    actions   = ["secretsmanager:DescribeSecret"]
    resources = ["arn:${local.partition}:secretsmanager:${var.region}:${local.account}:secret:${var.project}/${each.key}/*"]
  }

  statement {
    sid       = "LookAtRoles"
    actions   = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
    resources = concat(local.task_roles[each.key], ["${each.value.roles}-deploy"])
  }
}
