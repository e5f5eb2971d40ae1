data "aws_caller_identity" "this" {}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs go to the environment's log bucket wherever it names one; the log bucket itself has none, as its logs would log themselves
  #checkov:skip=CKV_AWS_19:Encrypted with the given key or else with S3's own; the rule does not see a key that is made in the same plan
  #checkov:skip=CKV_AWS_144:Copies in another region are AWS Backup's task, for the buckets whose loss would matter
  #checkov:skip=CKV_AWS_145:Buckets that AWS delivers logs to take no key of one's own; all others are given the environment's
  #checkov:skip=CKV2_AWS_62:Nothing listens to these buckets' events
  bucket        = var.name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = var.versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # One data key for many objects: a hundredth of the calls to KMS.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for bucket in var.log_bucket[*] : "this" => bucket }

  bucket        = aws_s3_bucket.this.id
  target_bucket = each.value
  target_prefix = "s3/${var.name}/"
}

resource "aws_s3_bucket_cors_configuration" "this" {
  for_each = toset(length(var.cors_origins) > 0 ? ["this"] : [])

  bucket = aws_s3_bucket.this.id

  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = var.cors_origins
    allowed_headers = ["content-type", "content-md5", "x-amz-*"]
    max_age_seconds = 3600
  }
}
