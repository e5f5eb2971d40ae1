resource "aws_kms_key" "state" {
  description             = "Terraform states of ${var.project}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.state_key.json
}

resource "aws_kms_alias" "state" {
  name          = "alias/${var.project}-terraform"
  target_key_id = aws_kms_key.state.key_id
}

data "aws_iam_policy_document" "state_key" {
  #checkov:skip=CKV_AWS_109:In a key's own policy "*" is this key
  #checkov:skip=CKV_AWS_111:In a key's own policy "*" is this key
  #checkov:skip=CKV_AWS_356:In a key's own policy "*" is this key
  statement {
    sid       = "AccountDecidesByRoles"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

# Locked by a file beside each state that S3 makes only once (use_lockfile), so no table is needed; versions get back what
# a bad apply wrote.
module "state" {
  source = "../modules/bucket"

  name            = coalesce(var.state_bucket, "${var.project}-terraform-${local.account}")
  kms_key_arn     = aws_kms_key.state.arn
  versioning      = true
  noncurrent_days = 365
  # A kept plan is applied within days or never.
  expire_days = { for environment in keys(var.environments) : "${environment}/plans/" => 30 }
}
