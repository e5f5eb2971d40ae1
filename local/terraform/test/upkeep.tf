# What keeps watch over an environment in the background: access logs, the one alarm over many, the rhythm in which
# secrets change.
terraform {
  backend "local" {}

  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = { project = "shop" }
  }
}

variable "rule" {
  description = "What the alarm over alarms asks about each of them."
  type        = string
  default     = "ALARM"
}

variable "days" {
  description = "Days after which the master password changes."
  type        = number
  default     = 30
}

variable "prefix" {
  description = "Where the uploads' access logs go."
  type        = string
  default     = "s3/shop-uploads/"
}

module "logs" {
  source = "../modules/bucket"

  name          = "shop-logs"
  force_destroy = true
  log_writers = {
    "logdelivery.elasticloadbalancing.amazonaws.com" = ["access/", "connection/"]
    "logging.s3.amazonaws.com"                       = ["s3/shop-uploads/", "s3/elsewhere/"]
  }
}

resource "aws_s3_bucket" "uploads" {
  bucket        = "shop-uploads"
  force_destroy = true
}

resource "aws_s3_bucket_logging" "uploads" {
  bucket        = aws_s3_bucket.uploads.id
  target_bucket = module.logs.name
  target_prefix = var.prefix
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = toset(["errors", "latency"])

  alarm_name          = each.key
  namespace           = "shop"
  metric_name         = each.key
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanThreshold"
}

resource "aws_cloudwatch_composite_alarm" "unwell" {
  alarm_name        = "unwell"
  alarm_description = "Something that users notice is wrong."
  alarm_rule        = join(" OR ", [for alarm in aws_cloudwatch_metric_alarm.this : "${var.rule}(\"${alarm.arn}\")"])
  alarm_actions     = ["arn:aws:sns:us-east-1:123456789012:shop"]

  tags = { team = "shop" }
}

resource "aws_db_instance" "this" {
  identifier                  = "shop"
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  username                    = "owner"
  manage_master_user_password = true
  skip_final_snapshot         = true
}

resource "aws_secretsmanager_secret_rotation" "master" {
  secret_id = aws_db_instance.this.master_user_secret[0].secret_arn

  rotation_rules {
    automatically_after_days = var.days
  }
}
