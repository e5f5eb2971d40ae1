locals {
  uses_bus = anytrue([for service in values(local.wanted) : service.bus])
  imaged   = toset(concat(keys(local.wanted), local.uses_bus ? ["nats"] : []))
}

# Written by the build of a service's first image. Read once: what runs later is CI's.
data "aws_ssm_parameter" "image" {
  for_each = setsubtract(local.imaged, keys(var.images))

  name = "/${var.environment}/${each.key}/image"

  lifecycle {
    postcondition {
      condition     = can(regex("@sha256:[0-9a-f]{64}$", self.insecure_value))
      error_message = "The SSM parameter ${self.name} must hold the first image of ${each.key} as repository@sha256:…; run deploy.yml with only: build, which pushes it and writes the parameter."
    }
  }
}

locals {
  images = merge({ for name, parameter in data.aws_ssm_parameter.image : name => parameter.insecure_value }, var.images)
}
