resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = var.ports.https
  protocol          = "HTTPS"
  ssl_policy        = var.ssl_policy
  certificate_arn   = local.certificate_arn

  # A browser that has been here once never comes over plain HTTP again.
  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=31536000; includeSubDomains"
  routing_http_response_x_content_type_options_header_value    = "nosniff"
  routing_http_response_x_frame_options_header_value           = "DENY"

  # Services add rules of their own; what none of them takes is not here.
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ type = "about:blank", title = "Not Found", status = 404 })
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = var.ports.http
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = tostring(var.ports.https)
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

# Shows the new revision of a shifting service before it takes any real traffic.
resource "aws_lb_listener" "test" {
  for_each = toset(length(var.test_cidrs) > 0 ? ["this"] : [])

  load_balancer_arn = aws_lb.this.arn
  port              = var.ports.test
  protocol          = "HTTPS"
  ssl_policy        = var.ssl_policy
  certificate_arn   = local.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ type = "about:blank", title = "Not Found", status = 404 })
      status_code  = "404"
    }
  }
}
