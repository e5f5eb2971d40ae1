output "domain_arn" {
  description = "ARN of the domain."
  value       = aws_opensearch_domain.this.arn
}

output "dashboard_endpoint" {
  description = "Address of OpenSearch Dashboards, inside the VPC."
  value       = aws_opensearch_domain.this.dashboard_endpoint
}

output "security_group_id" {
  description = "Security group of the domain, for those who search from inside the VPC."
  value       = aws_security_group.this.id
}

output "stream_arn" {
  description = "ARN of the stream that takes log lines."
  value       = aws_kinesis_firehose_delivery_stream.this.arn
}
