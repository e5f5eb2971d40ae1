variables {
  name        = "shop-prod"
  production  = true
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1", "subnet-2"]
  log_bucket  = "shop-prod-logs"
  certificate = { mode = "acm", arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
}

run "ends_tls_and_sends_http_there" {
  command = plan

  assert {
    condition     = aws_lb_listener.https.port == 443 && aws_lb_listener.https.protocol == "HTTPS" && aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "The HTTPS listener is not on 443 with TLS 1.3."
  }

  assert {
    condition     = aws_lb_listener.http.port == 80 && aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.http.default_action[0].redirect[0].port == "443"
    error_message = "Port 80 does not redirect to HTTPS for good."
  }

  assert {
    condition     = aws_lb_listener.https.routing_http_response_strict_transport_security_header_value == "max-age=31536000; includeSubDomains" && aws_lb_listener.https.routing_http_response_x_content_type_options_header_value == "nosniff" && aws_lb_listener.https.routing_http_response_server_enabled == false
    error_message = "Security headers are not set."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "404"
    error_message = "What no service takes is not a 404."
  }
}

run "is_hardened" {
  command = plan

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "strictest" && aws_lb.this.enable_deletion_protection && aws_lb.this.enable_cross_zone_load_balancing
    error_message = "Header, desync, deletion or zone settings are not as they must be."
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.access_logs[0].bucket == "shop-prod-logs" && aws_lb.this.internal == false
    error_message = "Access is not logged."
  }

  assert {
    condition     = toset([for rule in concat(values(aws_vpc_security_group_ingress_rule.https), values(aws_vpc_security_group_ingress_rule.http)) : rule.from_port]) == toset([443, 80]) && length(aws_vpc_security_group_ingress_rule.test) == 0
    error_message = "Other ports than 80 and 443 are open."
  }
}

run "has_a_test_listener_for_whom_it_is_asked" {
  command = plan

  variables {
    test_cidrs = ["10.0.0.0/16"]
  }

  assert {
    condition     = aws_lb_listener.test["this"].port == 8443 && aws_lb_listener.test["this"].protocol == "HTTPS" && keys(aws_vpc_security_group_ingress_rule.test) == ["10.0.0.0/16"]
    error_message = "The test listener is not on 8443 for the VPC alone."
  }
}

run "takes_a_self_signed_certificate_whose_key_is_in_no_state" {
  command = plan

  variables {
    certificate = { mode = "self_signed", ssm_path = "/prod/tls" }
  }

  assert {
    condition     = data.aws_ssm_parameter.certificate["this"].name == "/prod/tls/certificate" && aws_acm_certificate.given["this"].private_key == null && aws_acm_certificate.given["this"].private_key_wo_version == 1
    error_message = "The self-signed certificate is not read from SSM, or its key is kept."
  }

  assert {
    condition     = length(aws_acm_certificate.requested) == 0 && length(data.aws_ssm_parameter.chain) == 0
    error_message = "A self-signed certificate asks for another one, or for a chain."
  }
}

run "requests_a_certificate_for_a_domain" {
  command = plan

  variables {
    certificate = { mode = "acm", domain = "shop.example.com", zone_id = "Z1" }
  }

  assert {
    condition     = aws_acm_certificate.requested["this"].domain_name == "shop.example.com" && aws_acm_certificate.requested["this"].validation_method == "DNS" && length(aws_acm_certificate_validation.requested) == 1
    error_message = "No certificate is requested and validated."
  }
}

run "refuses_no_deletion_protection_in_production" {
  command = plan

  variables {
    deletion_protection = false
  }

  expect_failures = [var.deletion_protection]
}

run "refuses_one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [var.subnet_ids]
}

run "refuses_old_tls" {
  command = plan

  variables {
    ssl_policy = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [var.ssl_policy]
}

run "refuses_a_certificate_that_is_neither_named_nor_requested" {
  command = plan

  variables {
    certificate = { mode = "acm" }
  }

  expect_failures = [var.certificate]
}

run "refuses_a_certificate_from_nowhere" {
  command = plan

  variables {
    certificate = { mode = "self_signed" }
  }

  expect_failures = [var.certificate]
}

run "refuses_a_name_that_is_too_long" {
  command = plan

  variables {
    name = "instafleet-production"
  }

  expect_failures = [var.name]
}
