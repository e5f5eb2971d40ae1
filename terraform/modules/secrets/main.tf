resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  #checkov:skip=CKV_AWS_149:The environment's key is used where it is given; development may go without one
  #checkov:skip=CKV2_AWS_57:A new password is made by raising its version, and services read it again when an old one is refused; a rotation function would be one more thing to run
  name                    = "${var.prefix}/${each.key}"
  description             = each.value.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
}

locals {
  generated = { for name, secret in var.secrets : name => secret if secret.generate != null }
}

ephemeral "aws_secretsmanager_random_password" "this" {
  for_each = local.generated

  password_length            = each.value.generate.length
  exclude_punctuation        = !each.value.generate.punctuation
  require_each_included_type = true
  # Quotes, slashes and @ break connection URLs.
  exclude_characters = "\"'\\/@`"
}

resource "aws_secretsmanager_secret_version" "generated" {
  for_each = local.generated

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo_version = each.value.version
  secret_string_wo = each.value.generate.plain ? ephemeral.aws_secretsmanager_random_password.this[each.key].random_password : jsonencode(merge(
    each.value.fields,
    { (each.value.generate.key) = ephemeral.aws_secretsmanager_random_password.this[each.key].random_password },
  ))
}
