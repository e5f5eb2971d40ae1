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
}

output "private_subnet_ids" {
  description = "IDs of the private subnets, in the order of the zones."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
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
