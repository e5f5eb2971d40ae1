variable "name" {
  description = "Prefix of every name, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 20 lower-case letters, digits and hyphens, as names of load balancers end at 32; write for example shop-prod."
  }
}

variable "production" {
  description = "Whether this network carries production; then a single NAT has to be accepted by name."
  type        = bool
  default     = false
  nullable    = false
}

variable "cidr" {
  description = "IPv4 range of the VPC, /16 to /18. Its subnets are 256 times smaller: of 10.0.0.0/16, public 10.0.1.0/24, 10.0.2.0/24 … and private 10.0.101.0/24, 10.0.102.0/24 …"
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && can(regex("/(16|17|18)$", var.cidr))
    error_message = "The CIDR must be an IPv4 range from /16 to /18: each task takes an address of its own, and a subnet of a smaller range holds too few; write for example 10.0.0.0/16."
  }

  validation {
    condition     = try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "The CIDR must begin at its own network address; write for example 10.0.0.0/16, not 10.0.3.7/16."
  }
}

variable "az_count" {
  description = "Number of availability zones, each with a public and a private subnet."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3, 4], var.az_count)
    error_message = "The AZ count must be 2, 3 or 4: a load balancer needs two zones, and one zone is one failure away from nothing; write az_count = 2."
  }
}

variable "zone_letters" {
  description = "Zones of the region to choose from, in order, by the letters their names end in."
  type        = list(string)
  default     = ["a", "b", "c", "d"]
  nullable    = false

  validation {
    condition     = length(var.zone_letters) >= var.az_count && alltrue([for letter in var.zone_letters : can(regex("^[a-z]$", letter))])
    error_message = "There must be a letter for each zone; write for example zone_letters = [\"a\", \"c\", \"d\"]."
  }
}

variable "nat_mode" {
  description = "How private subnets reach the internet: `per_az` (a NAT gateway in each zone), `single` (one for all), `instance` (one small EC2 instance, for development), `none` (not at all: AWS through endpoints only)."
  type        = string
  default     = "per_az"
  nullable    = false

  validation {
    condition     = contains(["per_az", "single", "instance", "none"], var.nat_mode)
    error_message = "The NAT mode must be per_az, single, instance or none; write for example nat_mode = \"per_az\"."
  }

  validation {
    condition     = !var.production || contains(["per_az", "none"], var.nat_mode) || var.accept_single_nat
    error_message = "One NAT in production takes every service down with its zone: write nat_mode = \"per_az\", or accept_single_nat = true beside it."
  }

  validation {
    condition     = var.nat_mode != "none" || length(setsubtract(["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"], var.interface_endpoints)) == 0
    error_message = "Without NAT a task cannot pull, log or read secrets but through endpoints: write interface_endpoints = [\"ecr.api\", \"ecr.dkr\", \"logs\", \"secretsmanager\", \"ssm\"] and what else your services call, or another nat_mode."
  }
}

variable "accept_single_nat" {
  description = "Says that production may lose its way to the internet with one zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "nat_instance_type" {
  description = "Type of the NAT instance, of an arm64 family; only for nat_mode `instance`."
  type        = string
  default     = "t4g.nano"
  nullable    = false
}

variable "gateway_endpoints" {
  description = "Services reached through gateway endpoints, which cost nothing and spare NAT charges."
  type        = set(string)
  default     = ["s3", "dynamodb"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.gateway_endpoints, ["s3", "dynamodb"])) == 0
    error_message = "Only s3 and dynamodb have gateway endpoints; write other services into interface_endpoints."
  }
}

variable "interface_endpoints" {
  description = "Services reached through interface endpoints, by the end of their names: ecr.api, ecr.dkr, logs, secretsmanager, ssm, sqs, kms, sts … Each costs per hour and zone."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9][a-z0-9.-]*$", service)) && !startswith(service, "com.")])
    error_message = "An interface endpoint is named by the end of its service's name; write for example ecr.api, not com.amazonaws.us-east-1.ecr.api."
  }
}

variable "flow_log_days" {
  description = "Days for which flow logs are kept."
  type        = number
  default     = 365
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key of the flow logs; `null` for the key of CloudWatch Logs itself."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
