data "aws_iam_policy_document" "this" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

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

  dynamic "statement" {
    for_each = var.log_writers

    content {
      sid       = "Logs${replace(title(split(".", statement.key)[0]), "/[^A-Za-z]/", "")}"
      actions   = ["s3:PutObject"]
      resources = [for prefix in statement.value : "${aws_s3_bucket.this.arn}/${prefix}*"]

      principals {
        type        = "Service"
        identifiers = [statement.key]
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
