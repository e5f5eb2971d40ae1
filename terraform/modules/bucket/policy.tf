locals {
  account = data.aws_caller_identity.this.account_id

  # A statement for each writer and prefix, as AWS's guides to log delivery write them. Only on behalf of this account,
  # for a service writes for all its customers: a load balancer's logs lie under the number of its account, and nothing
  # is said of whether aws:SourceAccount comes with them; that of other services does.
  log_places = flatten([
    for writer, prefixes in var.log_writers : [for prefix in prefixes : {
      writer   = writer
      place    = startswith(writer, "logdelivery.elasticloadbalancing.") ? "${prefix}AWSLogs/${local.account}/" : prefix
      accounts = startswith(writer, "logdelivery.elasticloadbalancing.") ? [] : [local.account]
    }]
  ])
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = local.log_places

    content {
      sid       = "Logs${statement.key + 1}"
      actions   = ["s3:PutObject"]
      resources = ["${aws_s3_bucket.this.arn}/${statement.value.place}*"]

      principals {
        type        = "Service"
        identifiers = [statement.value.writer]
      }

      dynamic "condition" {
        for_each = statement.value.accounts

        content {
          test     = "StringEquals"
          variable = "aws:SourceAccount"
          values   = [condition.value]
        }
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.this.json

  # A policy that names a service looks public to S3 until the block is there.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
