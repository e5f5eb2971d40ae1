variable "environment" {
  description = "Name of the environment: dev, staging, prod or drill."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod", "drill"], var.environment)
    error_message = "There is no environment \"${var.environment}\"; write dev, staging, prod or drill, or add a file for it to terraform/environments."
  }
}

variable "project" {
  description = "Name of the project: prefix of every name, first part of repositories."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,10}[a-z0-9]$", var.project))
    error_message = "The project must be 3 to 12 lower-case letters, digits and hyphens, as names made from it end at 32; write for example shop."
  }
}
