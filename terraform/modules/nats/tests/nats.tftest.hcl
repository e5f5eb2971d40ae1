variables {
  name        = "shop-prod"
  environment = "prod"
  cluster     = { arn = "arn:aws:ecs:us-east-1:123456789012:cluster/shop-prod", name = "shop-prod" }
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  namespace   = { id = "ns-1", name = "shop-prod.internal" }
  clients     = { order = "sg-order" }
  image       = { digest = "r@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", repository_arn = "arn:aws:ecr:us-east-1:123456789012:repository/shop/nats" }
}

run "is_three_servers_that_know_each_other" {
  command = plan

  assert {
    condition     = output.url == "nats://nats-a.shop-prod.internal:4222,nats://nats-b.shop-prod.internal:4222,nats://nats-c.shop-prod.internal:4222"
    error_message = "Clients are not told of all three servers by stable names."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.cluster) == 6 && alltrue([for rule in values(aws_vpc_security_group_ingress_rule.cluster) : rule.from_port == 6222 && rule.to_port == 6222])
    error_message = "Not each server takes routes of the two others, on 6222."
  }
}

run "refuses_an_image_by_tag" {
  command = plan

  variables {
    image = { digest = "nats:latest", repository_arn = "arn:x" }
  }

  expect_failures = [var.image]
}
