variable "name" {
  description = "Name of the replication group, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name must be 3 to 40 lower-case letters, digits and single hyphens; write for example shop-prod."
  }
}

variable "production" {
  description = "Whether it serves production; then it has a replica in another zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "network" {
  description = "Where the nodes run: the VPC and its private subnets."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  nullable = false
}

variable "engine" {
  description = "Engine and version: `valkey`, or `redis`."
  type = object({
    name    = optional(string, "valkey")
    version = optional(string, "8.0")
    family  = optional(string, "valkey8")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["valkey", "redis"], var.engine.name) && startswith(var.engine.family, var.engine.name)
    error_message = "The engine must be valkey or redis, with a parameter family of its own; write for example engine = { name = \"valkey\", version = \"8.0\", family = \"valkey8\" }."
  }
}

variable "node_type" {
  description = "Type of the nodes."
  type        = string
  default     = "cache.t4g.micro"
  nullable    = false

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "A node type begins with cache; write for example cache.t4g.micro."
  }
}

variable "nodes" {
  description = "Number of nodes: one that writes, the others to take over and to read from."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 6
    error_message = "A replication group has 1 to 6 nodes; write for example nodes = 2."
  }

  validation {
    condition     = var.nodes >= 2 || !var.production
    error_message = "One node in production means no sessions while it is replaced; write nodes = 2 or more."
  }
}

variable "secret_name" {
  description = "Name of the secret with the URL's parts and the token, like shop/prod/cache."
  type        = string
  nullable    = false
}

variable "token_version" {
  description = "One higher makes a new token; both are valid until the next change."
  type        = number
  default     = 1
  nullable    = false
}

variable "snapshot_days" {
  description = "Days for which daily snapshots are kept; 0 for none, as everything here can be made again."
  type        = number
  default     = 1
  nullable    = false
}

variable "topic_arn" {
  description = "Topic that hears of failovers; `null` for none."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "KMS key of disks, snapshots and the secret; `null` for the services' own."
  type        = string
  default     = null
}

variable "recovery_days" {
  description = "Days for which the deleted secret can be got back, 7 to 30; 0 deletes at once."
  type        = number
  default     = 30
  nullable    = false
}
