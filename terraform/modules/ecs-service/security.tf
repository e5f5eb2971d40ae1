resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It is attached to the service's tasks
  name        = local.full_name
  description = "Tasks of ${local.full_name}"
  vpc_id      = var.network.vpc_id

  tags = { Name = local.full_name }
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = toset(local.balanced ? ["this"] : [])

  security_group_id            = aws_security_group.this.id
  description                  = "From the load balancer"
  referenced_security_group_id = var.load_balancer.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.task.port
  to_port                      = var.task.port
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  for_each = toset(local.balanced ? ["this"] : [])

  security_group_id            = var.load_balancer.security_group_id
  description                  = "To ${local.full_name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.task.port
  to_port                      = var.task.port
}

resource "aws_vpc_security_group_ingress_rule" "peer" {
  for_each = var.peers

  security_group_id            = aws_security_group.this.id
  description                  = "From ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = var.task.port
  to_port                      = var.task.port
}

resource "aws_vpc_security_group_egress_rule" "peer" {
  for_each = var.peers

  security_group_id            = each.value
  description                  = "To ${local.full_name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.task.port
  to_port                      = var.task.port
}

resource "aws_vpc_security_group_egress_rule" "target" {
  for_each = var.connects_to

  security_group_id            = aws_security_group.this.id
  description                  = "To ${each.key}"
  referenced_security_group_id = each.value.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "target" {
  for_each = var.connects_to

  security_group_id            = each.value.security_group_id
  description                  = "From ${local.full_name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each = toset(var.egress.internet ? ["this"] : [])

  security_group_id = aws_security_group.this.id
  description       = "HTTPS through NAT: APIs of AWS and of providers"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = toset(var.egress.has_interface_endpoints ? ["this"] : [])

  security_group_id            = aws_security_group.this.id
  description                  = "HTTPS to the interface endpoints of AWS"
  referenced_security_group_id = var.egress.endpoint_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "prefix_list" {
  for_each = var.egress.prefix_list_ids

  security_group_id = aws_security_group.this.id
  description       = "HTTPS to the gateway endpoint of ${each.key}"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
