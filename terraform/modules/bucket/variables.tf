variable "name" {
  description = "Name of the bucket, unique in the whole world; `project-environment-purpose-account` is a good shape."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket's name must be 3 to 63 lower-case letters, digits and hyphens; write for example shop-prod-uploads-123456789012."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the objects; `null` for S3's own (SSE-S3), which log delivery needs."
  type        = string
  default     = null
}

variable "versioning" {
  description = "Whether overwritten and deleted objects can be got back."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroying the bucket deletes what is in it; for environments that are thrown away."
  type        = bool
  default     = false
  nullable    = false
}

variable "expire_days" {
  description = "Days after which objects under a prefix are deleted; the prefix \"\" means all. None by default."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for days in var.expire_days : days >= 1 && floor(days) == days])
    error_message = "Objects expire after whole days, one or more; write for example expire_days = { \"emails/\" = 365 }."
  }
}

variable "infrequent_access_days" {
  description = "Days after which objects move to the cheaper storage class for what is seldom read; `null` for never."
  type        = number
  default     = null

  validation {
    condition     = var.infrequent_access_days == null || try(var.infrequent_access_days >= 30, false)
    error_message = "S3 moves objects to infrequent access after 30 days or more; write for example infrequent_access_days = 90."
  }
}

variable "noncurrent_days" {
  description = "Days for which overwritten and deleted versions are kept."
  type        = number
  default     = 90
  nullable    = false
}

variable "log_bucket" {
  description = "Bucket of access logs, written under the bucket's name; `null` for none."
  type        = string
  default     = null
}

variable "log_writers" {
  description = "Services of AWS that deliver logs into this bucket, by principal: the prefixes they write under."
  type        = map(list(string))
  default     = {}
  nullable    = false
}

variable "cors_origins" {
  description = "Web origins whose pages may upload and read with presigned URLs."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.cors_origins : startswith(origin, "https://") && origin != "https://*"])
    error_message = "An origin is one https:// site; write for example https://shop.example.com."
  }
}
