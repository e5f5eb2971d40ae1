variable "prefix" {
  description = "Path before every secret's name, like shop/prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_/-]*[A-Za-z0-9]$", var.prefix))
    error_message = "The prefix must be a path without slashes around it; write for example shop/prod."
  }
}

variable "secrets" {
  description = "Secrets by name, like db/orders. With `generate`, a password is made while applying and written under `key` beside the other `fields` as JSON (or `plain`, alone), in no plan and no state; `version` one higher makes a new one. Without, somebody else writes the value."
  type = map(object({
    description = string
    fields      = optional(map(string), {})
    version     = optional(number, 1)
    generate = optional(object({
      key         = optional(string, "password")
      plain       = optional(bool, false)
      length      = optional(number, 40)
      punctuation = optional(bool, false)
    }))
  }))
  nullable = false

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.generate == null || try(secret.generate.length >= 32 && secret.generate.length <= 128, false)])
    error_message = "A generated password must have 32 to 128 characters: nobody types it, so nothing is gained by a short one; write for example generate = { length = 40 }."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : !contains([for key in keys(secret.fields) : can(regex("(?i)password|token|private", key))], true)])
    error_message = "A password among a secret's fields would stand in the state; write generate = {} and let it be made, or put the value into the secret by hand."
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z0-9/_+=.@-]+$", name)) && !can(regex("-[A-Za-z0-9]{6}$", name))])
    error_message = "A secret's name must not end in a hyphen and six characters, as its ARN ends so already; write for example db/orders."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the secrets; `null` for Secrets Manager's own."
  type        = string
  default     = null
}

variable "recovery_days" {
  description = "Days for which a deleted secret can be got back, 7 to 30; 0 deletes at once."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "A deleted secret is kept 7 to 30 days, or 0 for none; write for example recovery_days = 30."
  }

  validation {
    condition     = var.recovery_days >= 7 || !var.production
    error_message = "A secret of production can be got back for a week at least; write recovery_days = 7 or more."
  }
}

variable "production" {
  description = "Whether they are production's secrets."
  type        = bool
  default     = false
  nullable    = false
}
