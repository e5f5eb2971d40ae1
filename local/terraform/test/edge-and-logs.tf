# What an environment may have at its edges: names in a zone, a firewall, and log lines carried to OpenSearch.
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

variable "zone_id" {
  type = string
}

variable "web_acl_arn" {
  type = string
}

variable "ttl" {
  type    = number
  default = 300
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_s3_bucket" "failed" {
  bucket        = "shop-failed-lines"
  force_destroy = true
}

resource "aws_cloudwatch_log_group" "web" {
  name = "/ecs/web"
}

module "opensearch" {
  source = "../modules/opensearch"

  name          = "shop-prod"
  network       = { vpc_id = aws_vpc.this.id, subnet_ids = [aws_subnet.this.id] }
  log_groups    = { web = aws_cloudwatch_log_group.web.name }
  failed_bucket = { name = aws_s3_bucket.failed.bucket, arn = aws_s3_bucket.failed.arn }
}

resource "aws_route53_record" "balancer" {
  zone_id = var.zone_id
  name    = "shop.example.com"
  type    = "A"

  alias {
    name                   = "shop-prod-1.us-east-1.elb.amazonaws.com"
    zone_id                = "Z35SXDOTRQ7X7K"
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "validation" {
  zone_id         = var.zone_id
  name            = "_1.shop"
  type            = "CNAME"
  records         = ["_2.acm-validations.aws."]
  ttl             = var.ttl
  allow_overwrite = true
}

resource "aws_route53_record" "policy" {
  zone_id = var.zone_id
  name    = "example.com"
  type    = "TXT"
  records = ["v=spf1 -all"]
  ttl     = var.ttl
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop-prod/1"
  web_acl_arn  = var.web_acl_arn
}
