output "roles" {
  description = "ARNs of the roles by environment and use, for `roles` in berth.yaml and the repository's variables."
  value = { for environment in keys(var.environments) : environment => {
    build  = module.build[environment].arn
    deploy = module.deploy[environment].arn
    verify = module.verify[environment].arn
    plan   = module.plan[environment].arn
    drift  = module.drift[environment].arn
    apply  = module.apply[environment].arn
    drill  = module.drill[environment].arn
  } }
}

output "boundary_arn" {
  description = "ARN of the policy that bounds every role."
  value       = aws_iam_policy.boundary.arn
}

output "backend" {
  description = "Backend of the other stacks' states by environment, for `terraform init -backend-config`; the key is the stack's name below it."
  value = { for environment in keys(var.environments) : environment => {
    bucket       = module.state.name
    key_prefix   = environment
    region       = var.region
    kms_key_id   = aws_kms_key.state.arn
    encrypt      = true
    use_lockfile = true
  } }
}

output "oidc_provider_arn" {
  description = "ARN of the account's identity provider for GitHub."
  value       = local.provider_arn
}
