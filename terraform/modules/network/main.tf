data "aws_region" "this" {}

data "aws_availability_zones" "this" {
  state = "available"

  # Local and wavelength zones have neither NAT gateways nor Fargate.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  region = data.aws_region.this.region
  zones  = slice(data.aws_availability_zones.this.names, 0, var.az_count)

  # By the zone's name, so that one more zone leaves the others' subnets alone.
  public_cidrs  = { for i, zone in local.zones : zone => cidrsubnet(var.cidr, 8, 1 + i) }
  private_cidrs = { for i, zone in local.zones : zone => cidrsubnet(var.cidr, 8, 101 + i) }
}

resource "aws_vpc" "this" {
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
