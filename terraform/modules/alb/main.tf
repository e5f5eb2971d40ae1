resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_150:Deletion protection is a variable that has to be true in production
  #checkov:skip=CKV_AWS_91:Access logs go to the environment's log bucket wherever it names one
  #checkov:skip=CKV2_AWS_28:A web ACL costs per rule and request; web_acl_arn puts one in front
  #checkov:skip=CKV2_AWS_76:The same: the rules of a web ACL are its maker's
  #checkov:skip=CKV2_AWS_20:The HTTP listener redirects; the rule sees the test listener beside it and takes it for another HTTP one
  name               = var.name
  load_balancer_type = "application"
  internal           = var.internal
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.this.id]

  desync_mitigation_mode           = "strictest"
  drop_invalid_header_fields       = true
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
  enable_http2                     = true
  idle_timeout                     = var.idle_timeout
  xff_header_processing_mode       = "append"

  dynamic "access_logs" {
    for_each = var.log_bucket[*]

    content {
      bucket  = access_logs.value
      prefix  = "access"
      enabled = true
    }
  }

  dynamic "connection_logs" {
    for_each = var.log_bucket[*]

    content {
      bucket  = connection_logs.value
      prefix  = "connection"
      enabled = true
    }
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = toset(var.web_acl_arn[*])

  resource_arn = aws_lb.this.arn
  web_acl_arn  = each.value
}
