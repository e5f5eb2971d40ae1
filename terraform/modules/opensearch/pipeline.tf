# Log group → subscription → stream → index of the day. What the domain does not take lies in the bucket, to be sent again.
data "aws_iam_policy_document" "stream_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "stream" {
  #checkov:skip=CKV_AWS_356:The network interfaces of a stream in a VPC have no ARN before they are made
  #checkov:skip=CKV_AWS_109:The permission is for a network interface, not for a person
  #checkov:skip=CKV_AWS_111:The same interfaces; all other statements come with their resources
  statement {
    sid       = "WriteIndexes"
    actions   = ["es:DescribeDomain", "es:DescribeDomainConfig", "es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"]
    resources = [local.domain_arn, "${local.domain_arn}/*"]
  }

  statement {
    sid       = "KeepWhatFailed"
    actions   = ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:PutObject"]
    resources = [var.failed_bucket.arn, "${var.failed_bucket.arn}/logs/*"]
  }

  statement {
    sid = "ReachTheDomain"
    actions = [
      "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
      "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs",
    ]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "UseTheKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "stream" {
  name                 = "${var.name}-log-stream"
  description          = "Carries log lines of ${var.name} to OpenSearch."
  assume_role_policy   = data.aws_iam_policy_document.stream_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "stream" {
  name   = "stream"
  role   = aws_iam_role.stream.name
  policy = data.aws_iam_policy_document.stream.json
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_241:The environment's key is used where it is given; development may go without one
  name        = "${var.name}-logs"
  destination = "opensearch"

  server_side_encryption {
    enabled  = true
    key_type = var.kms_key_arn == null ? "AWS_OWNED_CMK" : "CUSTOMER_MANAGED_CMK"
    key_arn  = var.kms_key_arn
  }

  opensearch_configuration {
    domain_arn            = aws_opensearch_domain.this.arn
    role_arn              = aws_iam_role.stream.arn
    index_name            = "logs"
    index_rotation_period = "OneDay"
    buffering_interval    = 60
    buffering_size        = 5
    retry_duration        = 300
    s3_backup_mode        = "FailedDocumentsOnly"

    vpc_config {
      role_arn           = aws_iam_role.stream.arn
      subnet_ids         = slice(var.network.subnet_ids, 0, var.instance.count > 1 ? 2 : 1)
      security_group_ids = [aws_security_group.stream.id]
    }

    # CloudWatch Logs sends many lines in one gzipped envelope; the index wants the lines.
    processing_configuration {
      enabled = true

      processors {
        type = "Decompression"

        parameters {
          parameter_name  = "CompressionFormat"
          parameter_value = "GZIP"
        }
      }

      processors {
        type = "CloudWatchLogProcessing"

        parameters {
          parameter_name  = "DataMessageExtraction"
          parameter_value = "true"
        }
      }
    }

    s3_configuration {
      bucket_arn          = var.failed_bucket.arn
      role_arn            = aws_iam_role.stream.arn
      prefix              = "logs/"
      error_output_prefix = "logs/failed/"
      compression_format  = "GZIP"
      kms_key_arn         = var.kms_key_arn
    }
  }

  depends_on = [aws_iam_role_policy.stream]
}

data "aws_iam_policy_document" "subscription_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:logs:${local.region}:${local.account}:*"]
    }
  }
}

data "aws_iam_policy_document" "subscription" {
  statement {
    sid       = "PutIntoTheStream"
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [aws_kinesis_firehose_delivery_stream.this.arn]
  }
}

resource "aws_iam_role" "subscription" {
  name                 = "${var.name}-log-subscription"
  description          = "Lets CloudWatch Logs put lines into the stream of ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.subscription_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "subscription" {
  name   = "put"
  role   = aws_iam_role.subscription.name
  policy = data.aws_iam_policy_document.subscription.json
}

resource "aws_cloudwatch_log_subscription_filter" "this" {
  for_each = var.log_groups

  name            = "opensearch"
  log_group_name  = each.value
  filter_pattern  = ""
  destination_arn = aws_kinesis_firehose_delivery_stream.this.arn
  role_arn        = aws_iam_role.subscription.arn

  depends_on = [aws_iam_role_policy.subscription]
}
