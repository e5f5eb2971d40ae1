data "aws_region" "this" {}

data "aws_availability_zones" "this" {
  state = "available"

  # By name, so that a zone which AWS opens some day takes nobody's place in the order.
  filter {
    name   = "zone-name"
    values = [for letter in var.zone_letters : "${data.aws_region.this.region}${letter}"]
  }
}

locals {
  region = data.aws_region.this.region
  zones  = slice(data.aws_availability_zones.this.names, 0, min(var.az_count, length(data.aws_availability_zones.this.names)))

  # By the zone's name, so that one more zone leaves the others' subnets alone.
  public_cidrs  = { for i, zone in local.zones : zone => cidrsubnet(var.cidr, 8, 1 + i) }
  private_cidrs = { for i, zone in local.zones : zone => cidrsubnet(var.cidr, 8, 101 + i) }
}

resource "aws_vpc" "this" {
  lifecycle {
    precondition {
      condition     = length(data.aws_availability_zones.this.names) >= var.az_count
      error_message = "Of the zones ${join(", ", var.zone_letters)} this account has only ${length(data.aws_availability_zones.this.names)} in ${data.aws_region.this.region}; write zone_letters with the zones that `aws ec2 describe-availability-zones` names."
    }
  }

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# What AWS puts into a new VPC for whoever names no security group: nothing may pass.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default-closed" }
}
