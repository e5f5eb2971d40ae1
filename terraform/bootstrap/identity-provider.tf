locals {
  issuer_url = "https://token.actions.githubusercontent.com"

  provider_arn = var.create_oidc_provider ? aws_iam_openid_connect_provider.this["this"].arn : data.aws_iam_openid_connect_provider.this["this"].arn
}

# Without a thumbprint: AWS trusts GitHub's certificate authority by itself.
resource "aws_iam_openid_connect_provider" "this" {
  for_each = toset(var.create_oidc_provider ? ["this"] : [])

  url            = local.issuer_url
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_openid_connect_provider" "this" {
  for_each = toset(var.create_oidc_provider ? [] : ["this"])

  url = local.issuer_url
}
