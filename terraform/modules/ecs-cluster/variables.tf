variable "name" {
  description = "Name of the cluster, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 20 lower-case letters, digits and hyphens, as names of target groups made from it end at 32; write for example shop-prod."
  }
}

variable "private_names" {
  description = "Cloud Map namespace for private names in the VPC `vpc_id`, of the domain `domain` (default `<name>.internal`); `null` for none."
  type = object({
    vpc_id = string
    domain = optional(string)
  })
  default = null
}

variable "container_insights" {
  description = "Container Insights: `enabled`, `enhanced` (with metrics of each task and container) or `disabled`. Scaling on queue depth needs its RunningTaskCount."
  type        = string
  default     = "enabled"
  nullable    = false

  validation {
    condition     = contains(["enabled", "enhanced", "disabled"], var.container_insights)
    error_message = "Container Insights must be enabled, enhanced or disabled; write for example container_insights = \"enabled\"."
  }
}

variable "spot" {
  description = "How tasks are spread over Fargate and Fargate Spot: the first `on_demand_base` on Fargate, of the rest `spot_percent` on Spot."
  type = object({
    on_demand_base = optional(number, 1)
    spot_percent   = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.spot.spot_percent >= 0 && var.spot.spot_percent <= 100 && floor(var.spot.spot_percent) == var.spot.spot_percent
    error_message = "The Spot share must be a whole number from 0 to 100; write for example spot = { spot_percent = 70 }."
  }
}

variable "log_days" {
  description = "Days for which logs of interactive sessions are kept."
  type        = number
  default     = 365
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key of interactive sessions and their logs; `null` for the keys of the services themselves."
  type        = string
  default     = null
}
