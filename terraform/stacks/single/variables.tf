variable "project" {
  description = "Name of the project: prefix of every name, first part of the repository."
  type        = string
  default     = "solo"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,10}[a-z0-9]$", var.project))
    error_message = "The project must be 3 to 12 lower-case letters, digits and hyphens, as names made from it end at 32; write for example solo."
  }
}

variable "environment" {
  description = "Environment to make: dev, staging, prod or drill."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod", "drill"], var.environment)
    error_message = "There is no environment \"${var.environment}\"; write dev, staging, prod or drill."
  }
}

variable "region" {
  description = "Region of everything."
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

variable "nat_mode" {
  description = "How tasks reach the internet, as the module network takes it; `null` for a gateway in each zone in prod and one elsewhere."
  type        = string
  default     = null
}

variable "accept_single_nat" {
  description = "Says that production may lose its way to the internet with one zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "service" {
  description = "The service: its name, port, size in CPU units and MiB, what it is told, how many tasks run, and how it is deployed."
  type = object({
    name        = optional(string, "app")
    port        = optional(number, 3000)
    cpu         = optional(number, 256)
    memory      = optional(number, 512)
    environment = optional(map(string), {})
    health_path = optional(string, "/health")
    min         = optional(number, 2)
    max         = optional(number, 4)
    strategy    = optional(string, "rolling")
  })
  default  = {}
  nullable = false
}

variable "image" {
  description = "First image as repository@sha256:…; `null` to read it from the SSM parameter /<environment>/<service>/image, which deploy.yml with `only: build` writes."
  type        = string
  default     = null
}

variable "emails" {
  description = "Who is written to when an alarm goes off."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "rehearsal" {
  description = "Whether this is a rehearsal that is destroyed afterwards: the environment's names and sizes, but production's guards are off, checks are short, and new tasks start all at once."
  type        = bool
  default     = false
  nullable    = false
}
