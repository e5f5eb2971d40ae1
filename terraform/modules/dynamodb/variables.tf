variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.name))
    error_message = "A table's name must be 3 to 255 letters, digits, dots, hyphens and underscores; write for example shop-prod-notifications."
  }
}

variable "production" {
  description = "Whether it holds production's data; then deletion protection and recovery to a point in time stay on."
  type        = bool
  default     = false
  nullable    = false
}

variable "hash_key" {
  description = "Name of the partition key, a string."
  type        = string
  default     = "pk"
  nullable    = false
}

variable "range_key" {
  description = "Name of the sort key, a string; `null` for none."
  type        = string
  default     = "sk"
}

variable "ttl_attribute" {
  description = "Attribute with the Unix time at which an item may be deleted; `null` for none."
  type        = string
  default     = "ttl"
}

variable "indexes" {
  description = "Global secondary indexes by name, each with its own keys, which are strings."
  type = map(object({
    hash_key  = string
    range_key = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "kms_key_arn" {
  description = "KMS key of the table; `null` for DynamoDB's own."
  type        = string
  default     = null
}

variable "point_in_time_recovery" {
  description = "Whether the table can be restored to any second of the last 35 days."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.point_in_time_recovery || !var.production
    error_message = "A production table keeps recovery to a point in time, as nothing else undoes a bad write; write point_in_time_recovery = true."
  }
}

variable "deletion_protection" {
  description = "Whether the table is protected against deletion."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.deletion_protection || !var.production
    error_message = "A production table keeps its deletion protection; write deletion_protection = true."
  }
}
