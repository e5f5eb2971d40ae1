output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "zones" {
  description = "Names of the availability zones, in order."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "IDs of the public subnets, in the order of the zones."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]

  # Whoever gets them gets them with their way out: a load balancer is refused without it.
  depends_on = [aws_route.internet, aws_route_table_association.public]
}

output "private_subnet_ids" {
  description = "IDs of the private subnets, in the order of the zones."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]

  # The same: a task that comes before them cannot pull its image, and enough of those fail the first deployment.
  depends_on = [
    aws_route.nat_gateway, aws_route.nat_instance, aws_route_table_association.private,
    aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface, aws_vpc_security_group_ingress_rule.endpoints,
  ]
}

output "nat_public_ips" {
  description = "Addresses that outgoing connections come from, for partners' firewalls."
  value       = [for eip in aws_eip.nat : eip.public_ip]
}

output "gateway_prefix_list_ids" {
  description = "Prefix lists of the gateway endpoints, for egress rules, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.prefix_list_id }
}

output "endpoint_security_group_id" {
  description = "Security group of the interface endpoints; `null` where there are none."
  value       = try(aws_security_group.endpoints["this"].id, null)
}

output "has_internet" {
  description = "Whether private subnets reach the internet; known at plan."
  value       = var.nat_mode != "none"
}
