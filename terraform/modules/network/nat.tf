locals {
  nat_gateway_zones = {
    per_az   = toset(local.zones)
    single   = toset(slice(local.zones, 0, 1))
    instance = toset([])
    none     = toset([])
  }[var.nat_mode]
}

resource "aws_eip" "nat" {
  for_each = local.nat_gateway_zones

  domain = "vpc"

  tags = { Name = "${var.name}-nat-${each.key}" }

  # An address outlives its gateway: partners allow it in their firewalls.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = local.nat_gateway_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route" "nat_gateway" {
  for_each = length(local.nat_gateway_zones) > 0 ? toset(local.zones) : toset([])

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = try(aws_nat_gateway.this[each.key], aws_nat_gateway.this[local.zones[0]]).id
}
