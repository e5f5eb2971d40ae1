variable "project" {
  description = "Name of the project: prefix of every name, first part of repositories."
  type        = string
  default     = "shop"
  nullable    = false
}

variable "environment" {
  description = "Environment whose services to make: dev, staging, prod or drill, as terraform/environments describes it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the services, that of the foundation."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "foundation_state" {
  description = "Where the foundation's state is, as the backend takes it; `null` for <environment>/foundation.tfstate in the bucket that bootstrap made."
  type = object({
    backend = optional(string, "s3")
    config  = map(string)
  })
  default = null
}

variable "services" {
  description = "Services to make, of those in terraform/environments/catalogue.tf; `null` for all."
  type        = set(string)
  default     = null

  # A name that is no service would be passed over in silence.
  validation {
    condition     = length(setsubtract(coalesce(var.services, []), keys(local.catalogue))) == 0
    error_message = "There is no service ${join(", ", setsubtract(coalesce(var.services, []), keys(local.catalogue)))}; write one of ${join(", ", keys(local.catalogue))}."
  }
}

variable "images" {
  description = "First images by service, as repository@sha256:…; others are read from the SSM parameters /<environment>/<service>/image, which deploy.yml with `only: build` writes. Used once, when a service is made."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "schedules" {
  description = "Tasks that run at times, as the module scheduler takes them, each with a service's roles and security group."
  type = map(object({
    expression = string
    timezone   = optional(string, "UTC")
    service    = string
    command    = list(string)
    enabled    = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : var.services == null || contains(coalesce(var.services, []), schedule.service)])
    error_message = "A scheduled task runs with the image and roles of a service that is made here; name one of var.services."
  }
}

variable "rehearsal" {
  description = "Whether this is a rehearsal that is destroyed afterwards: the environment's names and sizes, but production's guards are off, checks and drains are short, and new tasks start all at once."
  type        = bool
  default     = false
  nullable    = false
}
