variables {
  name = "shop-prod"
}

run "subnets_are_those_of_the_seeds" {
  command = plan

  assert {
    condition     = aws_vpc.this.cidr_block == "10.0.0.0/16"
    error_message = "The VPC is not 10.0.0.0/16."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == { us-east-1a = "10.0.1.0/24", us-east-1b = "10.0.2.0/24" }
    error_message = "The public subnets are not 10.0.1.0/24 and 10.0.2.0/24 in us-east-1a and us-east-1b."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { us-east-1a = "10.0.101.0/24", us-east-1b = "10.0.102.0/24" }
    error_message = "The private subnets are not 10.0.101.0/24 and 10.0.102.0/24."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private)) : !subnet.map_public_ip_on_launch])
    error_message = "A subnet hands out public addresses."
  }

  assert {
    condition     = aws_route.internet.destination_cidr_block == "0.0.0.0/0" && length(aws_route_table_association.public) == 2
    error_message = "The public subnets do not reach the internet gateway."
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.retention_in_days == 365
    error_message = "Not all traffic is logged for a year."
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.gateway)) == toset(["s3", "dynamodb"]) && alltrue([for endpoint in values(aws_vpc_endpoint.gateway) : endpoint.vpc_endpoint_type == "Gateway"])
    error_message = "S3 and DynamoDB are not reached through gateway endpoints."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0
    error_message = "Interface endpoints cost money that nobody asked to spend."
  }
}

run "a_gateway_in_each_zone" {
  command = plan

  variables {
    production = true
    nat_mode   = "per_az"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 2 && length(aws_eip.nat) == 2 && length(aws_route.nat_gateway) == 2 && length(aws_instance.nat) == 0
    error_message = "per_az is not two gateways with two addresses and a route in each zone."
  }
}

run "one_gateway_for_all_zones" {
  command = plan

  variables {
    nat_mode = "single"
    az_count = 3
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && length(aws_route.nat_gateway) == 3
    error_message = "single is not one gateway in the first zone with routes from all three."
  }

  assert {
    condition     = [for zone in ["us-east-1a", "us-east-1b", "us-east-1c"] : aws_subnet.private[zone].cidr_block] == ["10.0.101.0/24", "10.0.102.0/24", "10.0.103.0/24"]
    error_message = "A third zone does not get the third subnet."
  }
}

run "one_small_instance" {
  command = plan

  variables {
    nat_mode = "instance"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_instance.nat) == 1 && length(aws_route.nat_instance) == 2
    error_message = "instance is not one instance with a route in each zone."
  }

  assert {
    condition     = aws_instance.nat["this"].source_dest_check == false && aws_instance.nat["this"].metadata_options[0].http_tokens == "required" && aws_instance.nat["this"].root_block_device[0].encrypted
    error_message = "The NAT instance does not forward, takes old metadata requests, or has a plain disk."
  }

  assert {
    condition     = can(regex("(?s)swapon .*dnf install", aws_instance.nat["this"].user_data))
    error_message = "Packages are installed without the memory that it takes on the smallest types."
  }
}

run "no_way_out_but_endpoints" {
  command = plan

  variables {
    production          = true
    nat_mode            = "none"
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "sqs"]
  }

  assert {
    condition     = length(aws_nat_gateway.this) + length(aws_instance.nat) + length(aws_route.nat_gateway) + length(aws_route.nat_instance) == 0
    error_message = "none leaves a way to the internet."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 6 && alltrue([for endpoint in values(aws_vpc_endpoint.interface) : endpoint.private_dns_enabled])
    error_message = "The six interface endpoints are not there under the services' own names."
  }

  assert {
    condition     = output.has_internet == false && length(aws_vpc_security_group_ingress_rule.endpoints) == 2
    error_message = "The endpoints do not take both private subnets, or the output is wrong."
  }
}

run "cuts_other_ranges_alike" {
  command = plan

  variables {
    cidr = "172.20.0.0/18"
  }

  assert {
    condition     = [for subnet in values(aws_subnet.private) : subnet.cidr_block] == ["172.20.25.64/26", "172.20.25.128/26"]
    error_message = "Of a /18, private subnets are not /26."
  }
}

run "refuses_a_range_that_is_too_small" {
  command = plan

  variables {
    cidr = "10.0.0.0/20"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_range_that_begins_elsewhere" {
  command = plan

  variables {
    cidr = "10.0.3.7/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_one_zone" {
  command = plan

  variables {
    az_count = 1
  }

  expect_failures = [var.az_count]
}

run "refuses_one_nat_in_production" {
  command = plan

  variables {
    production = true
    nat_mode   = "single"
  }

  expect_failures = [var.nat_mode]
}

run "refuses_a_nat_instance_in_production" {
  command = plan

  variables {
    production = true
    nat_mode   = "instance"
  }

  expect_failures = [var.nat_mode]
}

run "takes_one_nat_in_production_that_says_so" {
  command = plan

  variables {
    production        = true
    nat_mode          = "single"
    accept_single_nat = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1
    error_message = "The accepted single gateway is not there."
  }
}

run "refuses_no_nat_without_endpoints" {
  command = plan

  variables {
    nat_mode = "none"
  }

  expect_failures = [var.nat_mode]
}

run "refuses_an_unknown_mode" {
  command = plan

  variables {
    nat_mode = "two"
  }

  expect_failures = [var.nat_mode]
}

run "refuses_a_name_that_is_too_long" {
  command = plan

  variables {
    name = "instafleet-production"
  }

  expect_failures = [var.name]
}

run "refuses_an_endpoint_by_its_full_name" {
  command = plan

  variables {
    interface_endpoints = ["com.amazonaws.us-east-1.sqs"]
  }

  expect_failures = [var.interface_endpoints]
}
