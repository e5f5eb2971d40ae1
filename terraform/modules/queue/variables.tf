variable "name" {
  description = "Name of the queue; its dead-letter queue is `<name>-dlq`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,76}$", var.name))
    error_message = "A queue's name must be 1 to 76 letters, digits, hyphens and underscores, as its dead-letter queue takes four more; write for example shop-prod-email."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the messages; `null` for SQS's own."
  type        = string
  default     = null
}

variable "visibility_timeout" {
  description = "Seconds for which a received message is hidden from others: longer than the longest work on one, 30 to 43200."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.visibility_timeout >= 30 && var.visibility_timeout <= 43200
    error_message = "The visibility timeout must be 30 to 43200 seconds: below, a message is worked on twice whenever the work is slow; write for example visibility_timeout = 60."
  }
}

variable "max_receives" {
  description = "How often a message may be received before it goes to the dead-letter queue."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.max_receives >= 2 && var.max_receives <= 1000
    error_message = "A message must be received 2 to 1000 times before it is given up: with 1, every deployment puts good messages into the dead-letter queue; write for example max_receives = 5."
  }
}

variable "retention_days" {
  description = "Days for which messages are kept, 1 to 14; in the dead-letter queue always 14."
  type        = number
  default     = 4
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days < 14
    error_message = "Messages must be kept 1 to 13 days, a day less than in the dead-letter queue, which counts from when a message was sent; write for example retention_days = 4."
  }
}
