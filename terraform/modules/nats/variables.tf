variable "name" {
  description = "Prefix of every name, `project-environment`, like shop-prod."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment, the first part of the paths in SSM."
  type        = string
  nullable    = false
}

variable "cluster" {
  description = "The ECS cluster: its ARN and name."
  type = object({
    arn  = string
    name = string
  })
  nullable = false
}

variable "network" {
  description = "Where the servers run: the VPC and its private subnets, one server in each in turn."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  nullable = false
}

variable "namespace" {
  description = "Cloud Map namespace of the servers' names: its ID and domain."
  type = object({
    id   = string
    name = string
  })
  nullable = false
}

variable "image" {
  description = "Image of nats-server with wget for its health check (the alpine one), by digest, and the repository it is pulled from."
  type = object({
    digest         = string
    repository_arn = string
  })
  nullable = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image.digest))
    error_message = "The image must be named by its digest; write repository@sha256:…."
  }
}

variable "size" {
  description = "CPU units and MiB of each server."
  type = object({
    cpu    = optional(number, 256)
    memory = optional(number, 512)
  })
  default  = {}
  nullable = false
}

variable "clients" {
  description = "Who publishes and reads: security groups by name."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "egress" {
  description = "Ways to AWS, as ecs-service takes them."
  type = object({
    internet                   = optional(bool, true)
    has_interface_endpoints    = optional(bool, false)
    endpoint_security_group_id = optional(string)
    prefix_list_ids            = optional(map(string), {})
  })
  default  = {}
  nullable = false
}

variable "topic_arns" {
  description = "Topics that hear of the servers' alarms."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "log_days" {
  description = "Days for which the servers' logs are kept."
  type        = number
  default     = 365
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key of the logs; `null` for CloudWatch's own."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
