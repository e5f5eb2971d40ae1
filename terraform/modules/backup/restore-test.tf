# A backup that was never restored is a hope. The timed drill from end to end is a workflow; this one asks the vault alone.
resource "aws_backup_restore_testing_plan" "this" {
  for_each = toset(var.restore_test == null ? [] : ["this"])

  name                = replace("${var.name}-restore", "-", "_")
  schedule_expression = "cron(${var.restore_test.cron})"

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = ["SNAPSHOT", "CONTINUOUS"]
    selection_window_days = var.restore_test.window_days
  }
}

resource "aws_backup_restore_testing_selection" "this" {
  for_each = var.restore_test == null ? {} : var.restore_test.types

  name                       = lower(each.key)
  restore_testing_plan_name  = aws_backup_restore_testing_plan.this["this"].name
  protected_resource_type    = each.key
  protected_resource_arns    = ["*"]
  iam_role_arn               = aws_iam_role.this.arn
  validation_window_hours    = var.restore_test.hours
  restore_metadata_overrides = each.value.overrides
}
