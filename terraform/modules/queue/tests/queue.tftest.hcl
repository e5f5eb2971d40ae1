variables {
  name = "shop-prod-email"
}

run "polls_long_and_gives_up_into_its_own_queue" {
  command = apply

  assert {
    condition     = aws_sqs_queue.this.receive_wait_time_seconds == 20 && aws_sqs_queue.this.fifo_queue != true && aws_sqs_queue.this.sqs_managed_sse_enabled
    error_message = "The queue polls short, is ordered, or is not encrypted."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 } && aws_sqs_queue.dead.name == "shop-prod-email-dlq"
    error_message = "Messages are not given up after five receives."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead.redrive_allow_policy) == { redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.this.arn] }
    error_message = "Other queues may use the dead-letter queue."
  }

  assert {
    condition     = alltrue([for policy in values(aws_sqs_queue_policy.this) : jsondecode(policy.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"])
    error_message = "Requests without TLS are answered."
  }

  assert {
    condition     = aws_sqs_queue.dead.message_retention_seconds > aws_sqs_queue.this.message_retention_seconds
    error_message = "A dead message is gone before anybody saw it."
  }
}

run "uses_a_key_where_there_is_one" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1"
  }

  assert {
    condition     = aws_sqs_queue.this.kms_master_key_id == var.kms_key_arn && aws_sqs_queue.dead.kms_master_key_id == var.kms_key_arn
    error_message = "The key is not used in both queues."
  }
}

run "refuses_to_give_up_at_once" {
  command = plan

  variables {
    max_receives = 1
  }

  expect_failures = [var.max_receives]
}

run "refuses_a_timeout_shorter_than_any_work" {
  command = plan

  variables {
    visibility_timeout = 5
  }

  expect_failures = [var.visibility_timeout]
}

run "refuses_to_keep_as_long_as_the_dead" {
  command = plan

  variables {
    retention_days = 14
  }

  expect_failures = [var.retention_days]
}
