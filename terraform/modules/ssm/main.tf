resource "aws_ssm_parameter" "plain" {
  for_each = var.parameters

  #checkov:skip=CKV2_AWS_34:Names, endpoints and switches; what is secret is among the SecureString parameters
  name        = "${var.prefix}/${each.key}"
  description = each.value.description
  type        = "String"
  tier        = "Intelligent-Tiering"
  value       = each.value.value
}

ephemeral "aws_secretsmanager_random_password" "secure" {
  for_each = var.secure

  password_length            = each.value.length
  exclude_punctuation        = true
  require_each_included_type = true
}

resource "aws_ssm_parameter" "secure" {
  for_each = var.secure

  #checkov:skip=CKV_AWS_337:The environment's key is used where it is given; development may go without one
  name             = "${var.prefix}/${each.key}"
  description      = each.value.description
  type             = "SecureString"
  key_id           = var.kms_key_arn
  value_wo         = ephemeral.aws_secretsmanager_random_password.secure[each.key].random_password
  value_wo_version = each.value.version
}
