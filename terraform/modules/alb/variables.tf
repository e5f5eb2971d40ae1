variable "name" {
  description = "Name of the load balancer and prefix of what belongs to it, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 20 lower-case letters, digits and hyphens, as names of load balancers end at 32; write for example shop-prod."
  }
}

variable "production" {
  description = "Whether it carries production; then its deletion protection stays on."
  type        = bool
  default     = false
  nullable    = false
}

variable "vpc_id" {
  description = "VPC of the load balancer."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Public subnets, in two zones or more; private ones for an internal load balancer."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A load balancer needs subnets in two availability zones; write subnet_ids = module.network.public_subnet_ids of a network with az_count = 2 or more."
  }
}

variable "internal" {
  description = "Whether it is reached from inside the VPC only."
  type        = bool
  default     = false
  nullable    = false
}

variable "allowed_cidrs" {
  description = "Who may connect, as IPv4 ranges."
  type        = set(string)
  default     = ["0.0.0.0/0"]
  nullable    = false
}

variable "ports" {
  description = "Ports of the listeners: HTTPS, the HTTP port that redirects to it, and the test listener through which a new revision is looked at before it takes traffic."
  type = object({
    https = optional(number, 443)
    http  = optional(number, 80)
    test  = optional(number, 8443)
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(toset([var.ports.https, var.ports.http, var.ports.test])) == 3
    error_message = "The three listeners need three different ports; write for example ports = { https = 443, http = 80, test = 8443 }."
  }
}

variable "test_cidrs" {
  description = "Who may connect to the test listener, which blue/green, linear and canary services use; none for no test listener."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "certificate" {
  description = "Certificate of the HTTPS listeners. `acm`: one in ACM by its `arn`, or requested for `domain` and validated in `zone_id`. `import` and `self_signed`: PEM texts in the SSM parameters `<ssm_path>/certificate`, `<ssm_path>/private-key` (SecureString, read while planning and applying, kept in no plan and no state) and, for `import`, `<ssm_path>/chain`. Who plans has to be able to decrypt that key, which the plan role of bootstrap is not: plan with the apply role, or use `acm`."
  type = object({
    mode     = string
    arn      = optional(string)
    domain   = optional(string)
    zone_id  = optional(string)
    ssm_path = optional(string)
    version  = optional(number, 1)
  })
  nullable = false

  validation {
    condition     = contains(["acm", "import", "self_signed"], var.certificate.mode)
    error_message = "The certificate's mode must be acm, import or self_signed; write for example certificate = { mode = \"acm\", domain = \"shop.example.com\", zone_id = \"Z123\" }."
  }

  validation {
    condition     = var.certificate.mode != "acm" || (var.certificate.arn != null) != (var.certificate.domain != null && var.certificate.zone_id != null)
    error_message = "A certificate of mode acm needs its arn, or else domain and zone_id; write certificate = { mode = \"acm\", arn = \"arn:aws:acm:…\" } or { mode = \"acm\", domain = \"shop.example.com\", zone_id = \"Z123\" }."
  }

  validation {
    condition     = var.certificate.mode == "acm" || can(regex("^/[A-Za-z0-9_./-]+[^/]$", coalesce(var.certificate.ssm_path, "-")))
    error_message = "A certificate of mode import or self_signed is read from SSM; write for example certificate = { mode = \"self_signed\", ssm_path = \"/prod/tls\" } after putting /prod/tls/certificate and /prod/tls/private-key there."
  }
}

variable "ssl_policy" {
  description = "Security policy of the HTTPS listeners: TLS 1.3, and 1.2 with forward secrecy."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  nullable    = false

  validation {
    condition     = startswith(var.ssl_policy, "ELBSecurityPolicy-TLS13-1-2") || startswith(var.ssl_policy, "ELBSecurityPolicy-TLS13-1-3")
    error_message = "The security policy must offer TLS 1.3 and nothing older than 1.2; write for example ELBSecurityPolicy-TLS13-1-2-2021-06."
  }
}

variable "idle_timeout" {
  description = "Seconds after which a silent connection is closed; above the pings of WebSockets."
  type        = number
  default     = 120
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the load balancer is protected against deletion."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.deletion_protection || !var.production
    error_message = "A production load balancer keeps its deletion protection, as its name is what the world resolves; write deletion_protection = true."
  }
}

variable "log_bucket" {
  description = "Bucket of access and connection logs; `null` for no logs."
  type        = string
  default     = null
}

variable "web_acl_arn" {
  description = "Web ACL of AWS WAF in front of the load balancer; `null` for none."
  type        = string
  default     = null
}
