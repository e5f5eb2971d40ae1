# The cheapest way out, about a tenth of a NAT gateway, for environments that may wait while it is replaced.
locals {
  nat_instance = toset(var.nat_mode == "instance" ? ["this"] : [])
}

data "aws_ssm_parameter" "nat_image" {
  for_each = local.nat_instance

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

resource "aws_security_group" "nat" {
  for_each = local.nat_instance

  name        = "${var.name}-nat"
  description = "NAT instance: takes what private subnets send out"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-nat" }
}

resource "aws_vpc_security_group_ingress_rule" "nat" {
  for_each = { for pair in setproduct(local.nat_instance, local.zones) : pair[1] => local.private_cidrs[pair[1]] }

  security_group_id = aws_security_group.nat["this"].id
  description       = "HTTPS from the private subnet of ${each.key}"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "nat" {
  for_each = local.nat_instance

  security_group_id = aws_security_group.nat["this"].id
  description       = "HTTPS to the internet"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_instance" "nat" {
  for_each = local.nat_instance

  #checkov:skip=CKV_AWS_88:A NAT instance needs an address on the internet; it takes connections from private subnets only
  #checkov:skip=CKV_AWS_126:One minute metrics of a development environment's NAT are worth less than they cost
  #checkov:skip=CKV2_AWS_41:It calls no AWS API, so it has no role
  ami                         = data.aws_ssm_parameter.nat_image[each.key].insecure_value
  instance_type               = var.nat_instance_type
  subnet_id                   = aws_subnet.public[local.zones[0]].id
  vpc_security_group_ids      = [aws_security_group.nat[each.key].id]
  associate_public_ip_address = true
  source_dest_check           = false
  ebs_optimized               = true

  user_data = <<-SCRIPT
    #!/bin/bash
    set -euo pipefail
    # The smallest types have less memory than dnf takes.
    dd if=/dev/zero of=/swap bs=1M count=1024
    chmod 600 /swap
    mkswap /swap
    swapon /swap
    dnf install -y nftables
    echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf
    sysctl --system
    nft add table ip nat
    nft add chain ip nat postrouting '{ type nat hook postrouting priority 100; }'
    nft add rule ip nat postrouting masquerade
    nft list ruleset > /etc/sysconfig/nftables.conf
    systemctl enable nftables
  SCRIPT

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  root_block_device {
    encrypted = true
  }

  tags = { Name = "${var.name}-nat" }

  lifecycle {
    # A newer image of Amazon Linux must not replace the way out on any apply.
    ignore_changes = [ami]
  }

  # It fetches what it needs once, at its first start.
  depends_on = [
    aws_route.internet, aws_route_table_association.public, aws_vpc_security_group_egress_rule.nat,
  ]
}

resource "aws_route" "nat_instance" {
  for_each = var.nat_mode == "instance" ? toset(local.zones) : toset([])

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_instance.nat["this"].primary_network_interface_id
}
