variable "name" {
  description = "Name of the domain, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "A domain's name must be 3 to 28 lower-case letters, digits and hyphens; write for example shop-prod."
  }
}

variable "network" {
  description = "Where the domain runs: the VPC and its private subnets."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  nullable = false
}

variable "instance" {
  description = "Type and number of data nodes, and GiB of storage for each; two or more are spread over two zones."
  type = object({
    type       = optional(string, "t3.small.search")
    count      = optional(number, 1)
    storage_gb = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = endswith(var.instance.type, ".search")
    error_message = "An instance type of OpenSearch ends in .search; write for example t3.small.search."
  }

  validation {
    condition     = var.instance.count == 1 || var.instance.count % 2 == 0
    error_message = "Data nodes are spread evenly over two zones; write instance.count = 1, 2 or another even number."
  }

  validation {
    condition     = var.instance.count <= length(var.network.subnet_ids) || length(var.network.subnet_ids) >= 2
    error_message = "Two data nodes or more need subnets in two zones; write subnet_ids = module.network.private_subnet_ids."
  }
}

variable "engine_version" {
  description = "Version of OpenSearch."
  type        = string
  default     = "OpenSearch_2.19"
  nullable    = false

  validation {
    condition     = startswith(var.engine_version, "OpenSearch_")
    error_message = "The engine version must begin with OpenSearch_; write for example OpenSearch_2.19."
  }
}

variable "log_groups" {
  description = "Log groups whose lines are made searchable: a short name to the group's name."
  type        = map(string)
  nullable    = false
}

variable "readers" {
  description = "ARNs of roles that may search."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "failed_bucket" {
  description = "Bucket that lines go to which the domain did not take: its name and ARN."
  type = object({
    name = string
    arn  = string
  })
  nullable = false
}

variable "kms_key_arn" {
  description = "KMS key of domain, stream and logs; `null` for the services' own."
  type        = string
  default     = null
}

variable "log_days" {
  description = "Days for which the domain's own logs are kept."
  type        = number
  default     = 365
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
