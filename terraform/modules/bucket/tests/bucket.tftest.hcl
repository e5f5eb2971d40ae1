variables {
  name = "shop-prod-emails-123456789012"
}

run "is_closed_versioned_and_encrypted" {
  command = apply

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1"
    log_bucket  = "shop-prod-logs"
    expire_days = { "emails/" = 365 }
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "The bucket can be made public."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" && one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
    error_message = "Objects are not versioned or not encrypted with the key."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id] == ["leftovers", "expire-emails"] && aws_s3_bucket_lifecycle_configuration.this.rule[1].expiration[0].days == 365
    error_message = "Leftovers stay, or mails do."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Effect == "Deny" && jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false" && length(jsondecode(aws_s3_bucket_policy.this.policy).Statement) == 1
    error_message = "Requests without TLS are answered."
  }

  assert {
    condition     = aws_s3_bucket_logging.this["this"].target_bucket == "shop-prod-logs" && aws_s3_bucket.this.force_destroy == false
    error_message = "Access is not logged, or a destroy empties the bucket."
  }
}

run "lets_aws_deliver_logs_for_this_account_only" {
  command = apply

  variables {
    log_writers = {
      "logdelivery.elasticloadbalancing.amazonaws.com" = ["access/", "connection/"]
      "logging.s3.amazonaws.com"                       = ["s3/shop-prod-emails/"]
    }
  }

  # As the guides of the two have it: load balancers write under their account's number, and say no SourceAccount.
  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : "${trimprefix(statement.Resource, aws_s3_bucket.this.arn)} ${try(statement.Condition.StringEquals["aws:SourceAccount"], "-")}" if statement.Effect == "Allow"] == [
      "/access/AWSLogs/123456789012/* -",
      "/connection/AWSLogs/123456789012/* -",
      "/s3/shop-prod-emails/* 123456789012",
    ]
    error_message = "Logs are not delivered, or are for others too, or lie anywhere in the bucket."
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : "${statement.Sid} ${statement.Action}" if statement.Effect == "Allow"] == ["Logs1 s3:PutObject", "Logs2 s3:PutObject", "Logs3 s3:PutObject"]
    error_message = "A prefix has no statement of its own."
  }
}

run "refuses_a_name_s3_does_not_take" {
  command = plan

  variables {
    name = "Shop_Emails"
  }

  expect_failures = [var.name]
}

run "refuses_every_origin" {
  command = plan

  variables {
    cors_origins = ["https://*"]
  }

  expect_failures = [var.cors_origins]
}

run "refuses_to_move_objects_too_soon" {
  command = plan

  variables {
    infrequent_access_days = 7
  }

  expect_failures = [var.infrequent_access_days]
}
