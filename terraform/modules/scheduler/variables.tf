variable "name" {
  description = "Prefix of every name, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 42 lower-case letters, digits and hyphens; write for example shop-prod."
  }
}

variable "cluster_arn" {
  description = "ARN of the cluster that the tasks run in."
  type        = string
  nullable    = false
}

variable "network" {
  description = "Private subnets that the tasks run in."
  type = object({
    subnet_ids = list(string)
  })
  nullable = false
}

variable "schedules" {
  description = "Tasks by name: when (`rate(…)`, `cron(…)` or `at(…)`, in a time zone), the family whose newest revision runs, its security group and roles, and the command in its container."
  type = map(object({
    expression        = string
    timezone          = optional(string, "UTC")
    family            = string
    container         = string
    command           = list(string)
    security_group_id = string
    role_arns         = list(string)
    enabled           = optional(bool, true)
    retries           = optional(number, 2)
  }))
  nullable = false

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(rate|cron|at)\\(.+\\)$", schedule.expression))])
    error_message = "A schedule is rate(…), cron(…) or at(…); write for example cron(0 3 * * ? *)."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : length(schedule.command) > 0])
    error_message = "A scheduled task needs a command, or it would run the service a second time; write for example command = [\"node\", \"/app/main.cjs\", \"migrate\"]."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : !can(regex(":[0-9]+$", schedule.family))])
    error_message = "A scheduled task runs the newest revision of a family, as deployments make new ones; write the family without a number."
  }
}

variable "kms_key_arn" {
  description = "KMS key of schedules and of the queue of failed starts; `null` for the services' own."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
