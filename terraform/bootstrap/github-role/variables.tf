variable "name" {
  description = "Name of the role."
  type        = string
  nullable    = false

  validation {
    condition     = !strcontains(lower(var.name), "github") && length(var.name) <= 64
    error_message = "A role's name must have at most 64 characters and no \"GitHub\" in it, which has been refused; write for example shop-prod-deploy."
  }
}

variable "description" {
  description = "What the role is for."
  type        = string
  nullable    = false
}

variable "provider_arn" {
  description = "ARN of the account's identity provider for token.actions.githubusercontent.com."
  type        = string
  nullable    = false
}

variable "github" {
  description = "The repository that may assume the role, by names and by the ids that survive a renaming; `subject_format` is how its tokens name it: `immutable` (repositories since 2026-07-15, renamed and transferred ones), `legacy`, or `both`."
  type = object({
    owner          = string
    owner_id       = optional(string)
    repository     = string
    repository_id  = optional(string)
    subject_format = optional(string, "both")
  })
  nullable = false

  validation {
    condition     = contains(["immutable", "legacy", "both"], var.github.subject_format)
    error_message = "The subject format must be immutable, legacy or both; write for example subject_format = \"both\"."
  }

  validation {
    condition     = can(regex("^[0-9]+$", var.github.repository_id))
    error_message = "The repository's id is missing: a name alone can be taken by somebody else once it is free. Write repository_id with the number that `gh api repos/OWNER/REPO --jq .id` prints."
  }

  validation {
    condition     = can(regex("^[0-9]+$", var.github.owner_id))
    error_message = "The owner's id is missing: tokens of newer repositories carry it in their subject. Write owner_id with the number that `gh api repos/OWNER/REPO --jq .owner.id` prints."
  }

  validation {
    condition     = !strcontains("${var.github.owner}${var.github.repository}", "/") && !strcontains("${var.github.owner}${var.github.repository}", "*")
    error_message = "Owner and repository are two names without slash or star; write for example owner = \"acme\" and repository = \"shop\"."
  }
}

variable "subjects" {
  description = "Ends of the tokens' subjects, like environment:prod, ref:refs/heads/main or pull_request."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subjects) > 0 && alltrue([for subject in var.subjects : can(regex("^(environment:[^*?]+|ref:refs/(heads|tags)/[^*?]+|pull_request)$", subject))])
    error_message = "A subject is one environment, one ref, or pull_request, without stars: repo:…:* lets every branch and pull request in. Write for example environment:prod."
  }
}

variable "environments" {
  description = "GitHub environments whose jobs may assume the role; none for jobs without one."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "workflows" {
  description = "Workflows whose jobs may assume the role, as patterns of the claim job_workflow_ref: OWNER/REPO/.github/workflows/FILE@REF."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.workflows) > 0 && alltrue([for workflow in var.workflows : can(regex("^[^/*]+/[^/*]+/\\.github/workflows/[^@]+@.+$", workflow))])
    error_message = "A workflow is OWNER/REPO/.github/workflows/FILE@REF, where only FILE and REF may hold a star; write for example acme/shop/.github/workflows/*@refs/heads/main."
  }
}

variable "boundary_arn" {
  description = "ARN of the policy that bounds the role."
  type        = string
  nullable    = false
}

variable "policies" {
  description = "Inline policies as JSON, by name."
  type        = map(string)
  nullable    = false

  validation {
    condition     = sum(concat([0], [for policy in values(var.policies) : length(jsonencode(try(jsondecode(policy), policy)))])) <= 10240
    error_message = "The role's policies are longer than the 10240 characters IAM takes; name fewer services in one environment."
  }
}

variable "managed_policy_arns" {
  description = "Managed policies by a short name."
  type        = map(string)
  default     = {}
  nullable    = false
}
