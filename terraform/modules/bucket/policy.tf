locals {
  # A statement for each writer and prefix, as AWS's guides to log delivery write them.
  log_places = flatten([
    for writer, prefixes in var.log_writers : [for prefix in prefixes : { writer = writer, prefix = prefix }]
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
      resources = ["${aws_s3_bucket.this.arn}/${statement.value.prefix}*"]

      principals {
        type        = "Service"
        identifiers = [statement.value.writer]
      }

      # Only on behalf of this account: the service writes for all its customers.
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [data.aws_caller_identity.this.account_id]
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
