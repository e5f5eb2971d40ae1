output "names" {
  description = "Full names of the parameters, by the names given."
  value       = merge({ for key, parameter in aws_ssm_parameter.plain : key => parameter.name }, { for key, parameter in aws_ssm_parameter.secure : key => parameter.name })
}

output "arns" {
  description = "ARNs of the parameters, by the names given."
  value       = merge({ for key, parameter in aws_ssm_parameter.plain : key => parameter.arn }, { for key, parameter in aws_ssm_parameter.secure : key => parameter.arn })
}
