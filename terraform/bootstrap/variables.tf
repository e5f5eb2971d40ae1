variable "project" {
  description = "Name of the project: prefix of roles and clusters, first part of repositories."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,10}[a-z0-9]$", var.project))
    error_message = "The project must be 3 to 12 lower-case letters, digits and hyphens, as names made from it end at 32; write for example shop."
  }
}

variable "region" {
  description = "Region of the state bucket and of the environments."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "github" {
  description = "The repository whose workflows build, deploy and change the ground: names and ids (`gh api repos/OWNER/REPO --jq '.id, .owner.id'`), its default branch, the repository of the reusable workflows and what is called of it (`pack_ref`: `refs/tags/v*`, a branch, or the commit where `uses:` names one), and how its tokens name it."
  type = object({
    owner          = string
    owner_id       = optional(string)
    repository     = string
    repository_id  = optional(string)
    branch         = optional(string, "main")
    pack           = optional(string)
    pack_ref       = optional(string, "refs/tags/v*")
    subject_format = optional(string, "both")
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]+$", var.github.repository_id)) && can(regex("^[0-9]+$", var.github.owner_id))
    error_message = "The ids of owner and repository are missing: names alone can be taken by somebody else once they are free. Write owner_id and repository_id with the numbers that `gh api repos/OWNER/REPO --jq '.owner.id, .id'` prints."
  }

  validation {
    condition     = var.github.pack == null || can(regex("^[^/*]+/[^/*]+$", var.github.pack))
    error_message = "The pack is OWNER/REPO of the reusable workflows; write for example pack = \"acme/berth\"."
  }

  validation {
    condition     = can(regex("^(refs/(tags|heads)/.+|[0-9a-f]{40})$", var.github.pack_ref))
    error_message = "pack_ref is what GitHub's tokens say for what stands behind the @ of `uses:`; write refs/tags/v* for released versions, refs/tags/v1, refs/heads/main, or the 40 digits of the commit where `uses:` names one."
  }
}

variable "create_oidc_provider" {
  description = "Whether to make the account's identity provider for GitHub. An account has one: write false where another stack has made it."
  type        = bool
  default     = true
  nullable    = false
}

variable "environments" {
  description = "Environments of this account, with their services: `migrations` for those that run a task before their deployment, `shifts` for blue/green, linear and canary. A role may only pass on the roles of services named here."
  type = map(object({
    services = map(object({
      migrations = optional(bool, false)
      shifts     = optional(bool, false)
    }))
  }))
  nullable = false

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(keys(var.environments), ["dev", "staging", "prod", "drill"])) == 0
    error_message = "An environment is dev, staging, prod or drill; write for example environments = { prod = { services = { email-api = {} } } }."
  }

  validation {
    condition     = alltrue([for environment in values(var.environments) : length(environment.services) > 0])
    error_message = "An environment has services, whose roles the deploy role passes on; write for example services = { email-api = {} }."
  }
}

variable "state_bucket" {
  description = "Name of the bucket of Terraform states; `null` for project-terraform-account."
  type        = string
  default     = null
}
