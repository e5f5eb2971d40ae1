variable "prefix" {
  description = "Path before every parameter's name, like /prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+)+$", var.prefix))
    error_message = "The prefix must be a path that begins with a slash and does not end with one; write for example /prod."
  }
}

variable "parameters" {
  description = "Plain parameters by name below the prefix, like feature-flags/dispatch."
  type = map(object({
    description = string
    value       = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.parameters) : !can(regex("(?i)password|token|secret", name))])
    error_message = "A password or token as a plain parameter is readable by everyone who may read parameters; write it into secure instead."
  }
}

variable "secure" {
  description = "SecureString parameters by name. The first value is made while applying, in no plan and no state; `version` one higher makes a new one."
  type = map(object({
    description = string
    length      = optional(number, 48)
    version     = optional(number, 1)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for parameter in values(var.secure) : parameter.length >= 32 && parameter.length <= 128])
    error_message = "A generated token must have 32 to 128 characters: nobody types it, so nothing is gained by a short one; write for example length = 48."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the SecureString parameters; `null` for the key of SSM itself."
  type        = string
  default     = null
}
