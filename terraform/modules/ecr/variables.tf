variable "repositories" {
  description = "Repositories by their full names, like shop/email-api. `keep_images` is how many tagged images stay."
  type = map(object({
    keep_images = optional(number, 200)
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.repositories) : can(regex("^[a-z0-9]+(?:[._/-][a-z0-9]+)*$", name))])
    error_message = "A repository's name must be lower-case letters and digits, with . _ - / between them; write for example shop/email-api."
  }

  validation {
    condition     = alltrue([for repository in values(var.repositories) : repository.keep_images >= 50])
    error_message = "At least 50 images stay, or a rollback may ask for one that is gone; write for example keep_images = 200."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the images; `null` for ECR's own. A repository's key can never be changed."
  type        = string
  default     = null
}

variable "untagged_days" {
  description = "Days after which images without a tag are deleted. What is deployed always has one: its commit."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.untagged_days >= 1
    error_message = "Untagged images stay for a day or more, as a push in progress has no tag yet; write for example untagged_days = 14."
  }
}

variable "pull_accounts" {
  description = "Other accounts whose tasks pull from here, as one registry serves all environments."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.pull_accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "An account is named by its 12 digits; write for example pull_accounts = [\"123456789012\"]."
  }
}

variable "replicate_to" {
  description = "Regions that every repository with the prefix is copied to, for a start elsewhere. Set it in one stack of an account only: it is a setting of the whole registry."
  type = object({
    regions = set(string)
    prefix  = string
  })
  default = null
}

variable "force_delete" {
  description = "Whether destroying a repository deletes its images; for environments that are thrown away."
  type        = bool
  default     = false
  nullable    = false
}
