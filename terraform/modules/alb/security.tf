# Ways out are added by the services behind it, each to its own security group and port.
resource "aws_security_group" "this" {
  name        = "${var.name}-alb"
  description = "Load balancer ${var.name}: HTTPS and the redirect to it"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-alb" }
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = var.allowed_cidrs

  security_group_id = aws_security_group.this.id
  description       = "HTTPS from ${each.key}"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = var.ports.https
  to_port           = var.ports.https
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  for_each = var.allowed_cidrs

  #checkov:skip=CKV_AWS_260:Port 80 answers nothing but a redirect to HTTPS
  security_group_id = aws_security_group.this.id
  description       = "HTTP from ${each.key}, only to be sent on to HTTPS"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = var.ports.http
  to_port           = var.ports.http
}

resource "aws_vpc_security_group_ingress_rule" "test" {
  for_each = var.test_cidrs

  security_group_id = aws_security_group.this.id
  description       = "Test listener from ${each.key}"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = var.ports.test
  to_port           = var.ports.test
}
