module "queue" {
  source = "../../modules/queue"
  for_each = {
    # Sent by email-api and notification, stored by email-consumer.
    email = { visibility_timeout = 60, max_receives = 5 }
    # Sent by dispatch and notification's planner, worked on by notification's sender.
    notification-jobs = { visibility_timeout = 60, max_receives = 6 }
  }

  name               = "${local.name}-${each.key}"
  visibility_timeout = each.value.visibility_timeout
  max_receives       = each.value.max_receives
  kms_key_arn        = local.key_arn
}
