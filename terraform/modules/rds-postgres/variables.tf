variable "name" {
  description = "Identifier of the instance, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,48}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name must be 3 to 50 lower-case letters, digits and single hyphens; write for example shop-prod."
  }
}

variable "production" {
  description = "Whether it holds production's data; then a second zone, backups for a week and deletion protection stay on."
  type        = bool
  default     = false
  nullable    = false
}

variable "network" {
  description = "Where the instance runs: the VPC and its private subnets, in two zones or more."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  nullable = false

  validation {
    condition     = length(var.network.subnet_ids) >= 2
    error_message = "A database needs subnets in two zones, also where it runs in one; write subnet_ids = module.network.private_subnet_ids."
  }
}

variable "engine_version" {
  description = "Major version of PostgreSQL; minor ones come by themselves in the maintenance window."
  type        = string
  default     = "17"
  nullable    = false

  validation {
    condition     = can(regex("^1[5-9]$", var.engine_version))
    error_message = "The engine version must be a major version from 15 on; write for example engine_version = \"17\"."
  }
}

variable "instance_class" {
  description = "Class of the instance."
  type        = string
  default     = "db.t4g.micro"
  nullable    = false

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "An instance class begins with db; write for example db.t4g.micro."
  }
}

variable "storage_gb" {
  description = "Storage to begin with and to grow to by itself, in GiB."
  type = object({
    initial = optional(number, 20)
    limit   = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.storage_gb.initial >= 20 && var.storage_gb.limit >= var.storage_gb.initial * 1.1
    error_message = "Storage begins at 20 GiB and its limit must be a tenth above, or it cannot grow; write for example storage_gb = { initial = 20, limit = 100 }."
  }
}

variable "database_name" {
  description = "Name of the database made with the instance."
  type        = string
  default     = "app"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "A database's name must be lower-case letters, digits and underscores; write for example app."
  }
}

variable "multi_az" {
  description = "Whether a second instance in another zone takes over when the first one fails, in one to two minutes."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.multi_az || !var.production
    error_message = "A production database has a standby in another zone: restoring a backup takes longer than the 15 minutes promised; write multi_az = true."
  }
}

variable "read_replicas" {
  description = "Number of read replicas, for DATABASE_READ_URL. RDS keeps no master password of an instance that has some; then `master_secret` does."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.read_replicas == 0 || var.master_secret != null
    error_message = "RDS makes no replica of an instance whose master password it keeps itself; write for example master_secret = { name = \"shop/prod/database\" }."
  }
}

variable "master_secret" {
  description = "Secret for the master password where there are read replicas: its name, days for which it can be had back when deleted, and a version, which one higher makes a new password."
  type = object({
    name          = string
    recovery_days = optional(number, 30)
    version       = optional(number, 1)
  })
  default = null
}

variable "backup_days" {
  description = "Days back to any second of which the database can be restored, 1 to 35."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "Automated backups are kept 1 to 35 days; write for example backup_days = 7."
  }

  validation {
    condition     = var.backup_days >= 7 || !var.production
    error_message = "Production keeps a week of backups at least, as some mistakes are found on Monday; write backup_days = 7 or more."
  }
}

variable "backup_region" {
  description = "Second region that automated backups are copied to, with their days; `null` for none."
  type = object({
    region = string
    days   = optional(number, 7)
  })
  default = null
}

variable "deletion_protection" {
  description = "Whether the instance is protected against deletion."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.deletion_protection || !var.production
    error_message = "A production database keeps its deletion protection; write deletion_protection = true."
  }
}

variable "final_snapshot" {
  description = "Whether deleting the instance leaves a snapshot."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.final_snapshot || !var.production
    error_message = "A production database leaves a snapshot when it goes; write final_snapshot = true."
  }
}

variable "master_password_days" {
  description = "Days after which RDS makes a new master password in Secrets Manager, 1 to 365, where there are no read replicas. No password is ever written into the configuration."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.master_password_days >= 1 && var.master_password_days <= 365
    error_message = "The master password changes after 1 to 365 days; write for example master_password_days = 30."
  }

  validation {
    condition     = var.master_password_days <= 90 || !var.production
    error_message = "The master password of production changes every 90 days or sooner, as it opens every schema; write for example master_password_days = 30."
  }
}

variable "slow_query_ms" {
  description = "Milliseconds above which a statement is logged."
  type        = number
  default     = 500
  nullable    = false
}

variable "restore_from" {
  description = "Instance to begin from as a copy of, at a time in RFC 3339 or its newest second; `null` for an empty database. For drills."
  type = object({
    instance = string
    time     = optional(string)
  })
  default = null
}

variable "kms_key_arn" {
  description = "KMS key of storage, backups, passwords and insights; `null` for the services' own."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
