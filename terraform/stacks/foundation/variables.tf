variable "project" {
  description = "Name of the project: prefix of every name, first part of repositories."
  type        = string
  default     = "shop"
  nullable    = false
}

variable "environment" {
  description = "Environment to make: dev, staging, prod or drill, as terraform/environments describes it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of everything that is not said to be elsewhere."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "certificate" {
  description = "Certificate of the load balancer, as the module alb takes it; `null` for a self-signed one in the SSM parameters /<environment>/tls/certificate and /<environment>/tls/private-key."
  type = object({
    mode     = string
    arn      = optional(string)
    domain   = optional(string)
    zone_id  = optional(string)
    ssm_path = optional(string)
    version  = optional(number, 1)
  })
  default = null
}

variable "allowed_cidrs" {
  description = "Who may connect to the load balancer, as IPv4 ranges."
  type        = set(string)
  default     = ["0.0.0.0/0"]
  nullable    = false
}

variable "balancer_ports" {
  description = "Ports of the load balancer's listeners."
  type = object({
    https = optional(number, 443)
    http  = optional(number, 80)
    test  = optional(number, 8443)
  })
  default  = {}
  nullable = false
}

variable "registry" {
  description = "The image repositories, one set for all environments: whether this stack makes them (in one environment of the registry's account only), the account they are in, other accounts that pull, and regions they are copied to."
  type = object({
    create        = optional(bool)
    account       = optional(string)
    pull_accounts = optional(set(string), [])
    replicate_to  = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.registry.account == null || can(regex("^[0-9]{12}$", var.registry.account))
    error_message = "The registry's account is its 12 digits; write for example registry = { account = \"123456789012\" }."
  }
}

variable "restore_from" {
  description = "Database to begin from as a copy of, at a time in RFC 3339 or its newest second. For drills only."
  type = object({
    instance = string
    time     = optional(string)
  })
  default = null

  validation {
    condition     = var.restore_from == null || var.environment == "drill"
    error_message = "Only the environment drill begins from a copy: elsewhere it would replace the database; write environment = \"drill\", or leave out restore_from."
  }
}

variable "rehearsal" {
  description = "Whether this is a rehearsal that is destroyed afterwards: the environment's names and sizes, but nothing is protected against deletion."
  type        = bool
  default     = false
  nullable    = false
}
