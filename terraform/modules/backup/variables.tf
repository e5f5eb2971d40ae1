variable "name" {
  description = "Prefix of every name, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 42 lower-case letters, digits and hyphens; write for example shop-prod."
  }
}

variable "production" {
  description = "Whether it backs up production's data; then backups are kept for 30 days and longer."
  type        = bool
  default     = false
  nullable    = false
}

variable "resources" {
  description = "ARNs of what is backed up (databases, tables, buckets), by a short name."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.resources) > 0
    error_message = "A plan that backs up nothing gives false comfort; write for example resources = { database = module.database.arn }."
  }
}

variable "daily" {
  description = "Daily backups: the cron expression, its time zone, and days for which they are kept."
  type = object({
    cron     = optional(string, "0 4 * * ? *")
    timezone = optional(string, "UTC")
    days     = optional(number, 35)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.daily.days >= 1
    error_message = "Daily backups are kept for a day or more; write for example daily = { days = 35 }."
  }

  validation {
    condition     = var.daily.days >= 30 || !var.production
    error_message = "Production's backups are kept for 30 days or more; write for example daily = { days = 35 }."
  }
}

variable "monthly_days" {
  description = "Days for which a backup of each month is kept; 0 for none."
  type        = number
  default     = 0
  nullable    = false
}

variable "copy_region" {
  description = "Second region that every backup is copied to; `null` for none."
  type        = string
  default     = null
}

variable "lock_days" {
  description = "Days for which nobody, not even an administrator, can delete a backup; 0 for no lock."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.lock_days == 0 || var.lock_days <= var.daily.days
    error_message = "A lock longer than backups are kept would keep them from ending; write lock_days no greater than daily.days."
  }
}

variable "restore_test" {
  description = "Restores something of each type to see that it can be: when, how far back points are chosen from, and hours the copy is left for checks. `types` are as AWS Backup names them (RDS, DynamoDB, S3), each with the settings a copy needs. `null` for no tests."
  type = object({
    cron        = optional(string, "0 6 ? * SUN *")
    window_days = optional(number, 7)
    hours       = optional(number, 4)
    types       = map(object({ overrides = optional(map(string), {}) }))
  })
  default = null

  validation {
    condition     = var.restore_test == null || try(length(setsubtract(keys(var.restore_test.types), ["RDS", "DynamoDB", "S3", "EBS", "EFS"])) == 0, false)
    error_message = "A restore test takes types as AWS Backup names them; write for example types = { RDS = {}, DynamoDB = {} }."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the vault; `null` for AWS Backup's own."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
