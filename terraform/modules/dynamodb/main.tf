locals {
  keys = distinct(concat(
    compact([var.hash_key, var.range_key]),
    flatten([for index in var.indexes : compact([index.hash_key, index.range_key])]),
  ))
}

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV_AWS_28:Recovery to a point in time is a variable that has to be true in production
  #checkov:skip=CKV2_AWS_16:On-demand tables scale by themselves
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = toset(local.keys)

    content {
      name = attribute.key
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = "ALL"
    }
  }

  dynamic "ttl" {
    for_each = var.ttl_attribute[*]

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}
