variable "name" {
  description = "Name of the environment."
  type        = string
  nullable    = false
}

variable "settings" {
  description = "What an environment says of itself; the rest are the values given here."
  type = object({
    production          = optional(bool, false)
    throwaway           = optional(bool, false)
    deletion_protection = optional(bool, false)
    own_key             = optional(bool, true)
    log_days            = optional(number, 365)
    container_insights  = optional(string, "enabled")
    edge                = optional(string, "gateway")
    discovery           = optional(string, "service_connect")
    emails              = optional(set(string), [])
    log_level           = optional(string, "info")

    network = object({
      cidr                = string
      nat_mode            = string
      az_count            = optional(number, 2)
      accept_single_nat   = optional(bool, false)
      interface_endpoints = optional(set(string), [])
    })

    spot = optional(object({
      on_demand_base = optional(number, 1)
      spot_percent   = optional(number, 0)
    }), {})

    services = object({
      min          = number
      max          = number
      one_by_one   = optional(bool, false)
      architecture = optional(string, "X86_64")
    })

    sizes      = optional(map(object({ cpu = number, memory = number })), {})
    strategies = optional(map(string), {})

    database = object({
      multi_az       = bool
      backup_days    = number
      instance_class = optional(string, "db.t4g.micro")
      storage_gb     = optional(object({ initial = optional(number, 20), limit = optional(number, 100) }), {})
      read_replicas  = optional(number, 0)
      backup_region  = optional(object({ region = string, days = optional(number, 7) }))
    })

    cache = object({
      nodes     = number
      node_type = optional(string, "cache.t4g.micro")
    })

    backup = optional(object({
      days         = number
      monthly_days = optional(number, 0)
      copy_region  = optional(string)
      lock_days    = optional(number, 0)
      restore_test = optional(bool, false)
    }))

    opensearch = optional(object({
      type       = optional(string, "t3.small.search")
      count      = optional(number, 1)
      storage_gb = optional(number, 10)
    }))
  })
  nullable = false

  validation {
    condition     = !var.settings.production || var.settings.network.az_count >= 2
    error_message = "Production runs in two availability zones or more, as one zone is one failure away from nothing; write az_count = 2 in terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = !var.settings.production || var.settings.deletion_protection
    error_message = "Production's database, tables and load balancer keep their deletion protection; write deletion_protection = true in terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = !var.settings.production || !var.settings.throwaway
    error_message = "Production is not thrown away: destroying it would empty its buckets and repositories; leave throwaway out of terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = !var.settings.production || var.settings.backup != null
    error_message = "Production has a backup plan; write backup = { days = 35 } in terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = !var.settings.production || var.settings.services.min >= 2
    error_message = "Production runs two tasks of each service or more, one in each zone; write services = { min = 2, … } in terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = !var.settings.production || var.settings.log_days >= 365
    error_message = "Production keeps its logs for a year; write log_days = 365 or more in terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = contains(["gateway", "direct"], var.settings.edge)
    error_message = "The edge is gateway (everything but /api/email through it) or direct (a rule of the load balancer for each service); write edge = \"gateway\" in terraform/environments/${var.name}.tf."
  }

  validation {
    condition     = contains(["service_connect", "cloud_map"], var.settings.discovery)
    error_message = "Services find each other by service_connect or cloud_map; write discovery = \"service_connect\" in terraform/environments/${var.name}.tf."
  }
}
