variable "port" {
  type = number
}

resource "aws_vpc_security_group_ingress_rule" "planted" {
  for_each          = toset(["0.0.0.0/0"])
  security_group_id = "sg-1"
  description       = "Planted"
  cidr_ipv4         = each.key
  from_port         = var.port
  to_port           = var.port
  ip_protocol       = "tcp"
}
