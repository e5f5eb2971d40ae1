data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  region     = data.aws_region.this.region
  account    = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition
  domain_arn = "arn:${local.partition}:es:${local.region}:${local.account}:domain/${var.name}"
}

resource "aws_security_group" "this" {
  name        = "${var.name}-opensearch"
  description = "OpenSearch domain ${var.name}: HTTPS from its stream"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-opensearch" }
}

resource "aws_security_group" "stream" {
  #checkov:skip=CKV2_AWS_5:It is attached to the delivery stream
  name        = "${var.name}-log-stream"
  description = "Stream that carries log lines to OpenSearch"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-log-stream" }
}

resource "aws_vpc_security_group_ingress_rule" "stream" {
  security_group_id            = aws_security_group.this.id
  description                  = "From the log stream"
  referenced_security_group_id = aws_security_group.stream.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "stream" {
  security_group_id            = aws_security_group.stream.id
  description                  = "To OpenSearch"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_cloudwatch_log_group" "domain" {
  for_each = toset(["ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"])

  #checkov:skip=CKV_AWS_158:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_338:Development keeps a month; the environments set a year for production
  name              = "/opensearch/${var.name}/${lower(replace(each.key, "_", "-"))}"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
}

data "aws_iam_policy_document" "domain_logs" {
  statement {
    sid       = "OpenSearchWritesItsLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.domain : "${group.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["es.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "domain" {
  policy_name     = "${var.name}-opensearch"
  policy_document = data.aws_iam_policy_document.domain_logs.json
}

data "aws_iam_policy_document" "access" {
  statement {
    sid       = "StreamWritesReadersSearch"
    actions   = ["es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut"]
    resources = ["${local.domain_arn}/*"]

    principals {
      type        = "AWS"
      identifiers = concat([aws_iam_role.stream.arn], var.readers)
    }
  }
}

resource "aws_opensearch_domain" "this" {
  #checkov:skip=CKV_AWS_247:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_318:Three dedicated masters cost more than the small domain they would guard
  #checkov:skip=CKV2_AWS_59:The same: a domain of logs that can be written again needs none
  #checkov:skip=CKV2_AWS_52:Access is by the roles of the access policy; fine-grained access would need somebody to map each of them inside the domain
  #checkov:skip=CKV_AWS_317:Audit logs are a part of fine-grained access, which is off for the reason above
  domain_name     = var.name
  engine_version  = var.engine_version
  access_policies = data.aws_iam_policy_document.access.json

  cluster_config {
    instance_type          = var.instance.type
    instance_count         = var.instance.count
    zone_awareness_enabled = var.instance.count > 1

    dynamic "zone_awareness_config" {
      for_each = var.instance.count > 1 ? ["this"] : []

      content {
        availability_zone_count = 2
      }
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = var.instance.storage_gb
  }

  vpc_options {
    subnet_ids         = slice(var.network.subnet_ids, 0, var.instance.count > 1 ? 2 : 1)
    security_group_ids = [aws_security_group.this.id]
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.kms_key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  software_update_options {
    auto_software_update_enabled = true
  }

  dynamic "log_publishing_options" {
    for_each = aws_cloudwatch_log_group.domain

    content {
      log_type                 = log_publishing_options.key
      cloudwatch_log_group_arn = log_publishing_options.value.arn
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.domain]
}
