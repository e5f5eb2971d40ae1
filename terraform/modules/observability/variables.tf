variable "name" {
  description = "Prefix of every name, `project-environment`, like shop-prod."
  type        = string
  nullable    = false
}

variable "emails" {
  description = "Who is written to when an alarm goes off; each has to confirm once."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[a-z]+$", address))])
    error_message = "An alarm is sent to mail addresses; write for example emails = [\"on-call@example.com\"]."
  }
}

variable "topic" {
  description = "Topic that alarms are sent to. `null` makes one; services that name the same one are heard there too."
  type        = object({ arn = string })
  default     = null
}

variable "log_groups" {
  description = "Further log groups by name, with the days they are kept and counters of log lines (`metrics`: name to filter pattern)."
  type = map(object({
    days    = optional(number, 365)
    metrics = optional(map(string), {})
  }))
  default  = {}
  nullable = false
}

variable "load_balancer" {
  description = "The load balancer to watch, by the end of its ARN."
  type = object({
    arn_suffix      = string
    error_percent   = optional(number, 5)
    latency_seconds = optional(number, 2)
  })
  default = null
}

variable "database" {
  description = "The database to watch: its identifier, connections above which it is nearly full, free storage and memory below which it is nearly out."
  type = object({
    id              = string
    max_connections = optional(number, 80)
    cpu_percent     = optional(number, 80)
    free_gb         = optional(number, 4)
    free_memory_mb  = optional(number, 100)
  })
  default = null
}

variable "cache" {
  description = "The cache to watch: its replication group and how many nodes it has."
  type = object({
    id             = string
    nodes          = number
    cpu_percent    = optional(number, 80)
    memory_percent = optional(number, 80)
  })
  default = null
}

variable "queues" {
  description = "Queues to watch, by a short name: depth and age (seconds) of the oldest message above which work piles up. Any message in the dead-letter queue is an alarm."
  type = map(object({
    name        = string
    dead_letter = string
    depth       = optional(number, 1000)
    age         = optional(number, 300)
  }))
  default  = {}
  nullable = false
}

variable "tables" {
  description = "DynamoDB tables to watch for throttling, by a short name."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "service_alarms" {
  description = "ARNs of the services' own alarms, by service."
  type        = map(list(string))
  default     = {}
  nullable    = false
}

variable "services" {
  description = "Services on the dashboard: their cluster, and the ends of their target groups' ARNs."
  type = map(object({
    cluster       = string
    target_groups = optional(list(string), [])
  }))
  default  = {}
  nullable = false
}

variable "kms_key_arn" {
  description = "KMS key of log groups and topic; `null` for the services' own."
  type        = string
  default     = null
}
