# Environments are code, not variable files: what makes them differ is typed, reviewed, and the same for every stack.
module "settings" {
  source = "./settings"

  name     = var.environment
  settings = { dev = local.dev, staging = local.staging, prod = local.prod, drill = local.drill }[var.environment]
}
