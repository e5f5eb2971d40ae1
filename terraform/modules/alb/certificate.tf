locals {
  certificate_arn = coalesce(
    var.certificate.arn,
    try(aws_acm_certificate_validation.requested["this"].certificate_arn, null),
    try(aws_acm_certificate.given["this"].arn, null),
  )

  requested = toset(var.certificate.mode == "acm" && var.certificate.arn == null ? ["this"] : [])
  given     = toset(var.certificate.mode == "acm" ? [] : ["this"])
  chained   = toset(var.certificate.mode == "import" ? ["this"] : [])
}

resource "aws_acm_certificate" "requested" {
  for_each = local.requested

  domain_name       = var.certificate.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.requested

  # One domain has one record; the set of options is known only once the certificate is requested.
  zone_id         = var.certificate.zone_id
  name            = one(aws_acm_certificate.requested[each.key].domain_validation_options[*]).resource_record_name
  type            = one(aws_acm_certificate.requested[each.key].domain_validation_options[*]).resource_record_type
  records         = [one(aws_acm_certificate.requested[each.key].domain_validation_options[*]).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "requested" {
  for_each = local.requested

  certificate_arn         = aws_acm_certificate.requested[each.key].arn
  validation_record_fqdns = [aws_route53_record.validation[each.key].fqdn]
}

data "aws_ssm_parameter" "certificate" {
  for_each = local.given

  name = "${var.certificate.ssm_path}/certificate"
}

data "aws_ssm_parameter" "chain" {
  for_each = local.chained

  name = "${var.certificate.ssm_path}/chain"
}

# Read while applying and handed on as a write-only argument: the key is in no plan and no state.
ephemeral "aws_ssm_parameter" "private_key" {
  for_each = local.given

  arn = replace(data.aws_ssm_parameter.certificate[each.key].arn, "/certificate$/", "private-key")
}

resource "aws_acm_certificate" "given" {
  for_each = local.given

  #checkov:skip=CKV2_AWS_71:What names a certificate covers is its maker's choice
  certificate_body       = data.aws_ssm_parameter.certificate[each.key].value
  certificate_chain      = try(data.aws_ssm_parameter.chain[each.key].value, null)
  private_key_wo         = ephemeral.aws_ssm_parameter.private_key[each.key].value
  private_key_wo_version = var.certificate.version

  lifecycle {
    create_before_destroy = true
  }
}
