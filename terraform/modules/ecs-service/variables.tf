variable "name" {
  description = "Prefix of every name, `project-environment`, like shop-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 20 lower-case letters, digits and hyphens; write for example shop-prod."
  }
}

variable "environment" {
  description = "Environment, the first part of the paths in SSM: /prod/email-api/task-definition."
  type        = string
  nullable    = false
}

variable "production" {
  description = "Whether it serves production; then nobody opens a shell in its containers."
  type        = bool
  default     = false
  nullable    = false
}

variable "service" {
  description = "Name of the service in its cluster, in berth.yaml and of its container."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.service))
    error_message = "A service's name must be lower-case letters, digits and hyphens; write for example email-api."
  }

  validation {
    condition     = var.load_balancer == null || length("${var.name}-${var.service}${var.deployment.strategy == "rolling" ? "" : "-green"}") <= 32
    error_message = "The target group's name \"${var.name}-${var.service}${var.deployment.strategy == "rolling" ? "" : "-green"}\" is longer than 32 characters; write a shorter service, or a shorter project in the name."
  }

  validation {
    condition     = length("${var.name}-${var.service}-execution") <= 64
    error_message = "The role's name \"${var.name}-${var.service}-execution\" is longer than 64 characters; write a shorter service."
  }
}

variable "cluster" {
  description = "The cluster: its ARN and name."
  type = object({
    arn  = string
    name = string
  })
  nullable = false
}

variable "network" {
  description = "Where the tasks run: the VPC and its private subnets."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  nullable = false

  validation {
    condition     = length(var.network.subnet_ids) >= 1
    error_message = "The tasks need a subnet; write subnet_ids = module.network.private_subnet_ids."
  }
}

variable "task" {
  description = "The task: the bootstrap revision's image by digest, the port it listens on, its size, how its container is checked (`health_command` at the seconds of `health_checks`), what it is told (`environment`) and what ECS fetches for it (`secrets`: variable to the ARN of a secret, with `:key::` for one key of it; `parameters`: variable to the ARN of an SSM parameter)."
  type = object({
    image          = string
    port           = number
    repository_arn = string
    cpu            = optional(number, 256)
    memory         = optional(number, 512)
    architecture   = optional(string, "X86_64")
    command        = optional(list(string))
    environment    = optional(map(string), {})
    secrets        = optional(map(string), {})
    parameters     = optional(map(string), {})
    health_command = optional(list(string))
    health_checks = optional(object({
      interval     = optional(number, 10)
      timeout      = optional(number, 5)
      retries      = optional(number, 3)
      start_period = optional(number, 15)
    }), {})
    stop_timeout   = optional(number, 60)
    writable_paths = optional(map(string), {})
  })
  nullable = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.task.image))
    error_message = "The image must be named by its digest, repository@sha256:…, as a tag may mean another image tomorrow; push the first image with deploy.yml and only: build, which writes it to SSM."
  }

  validation {
    condition = contains(lookup({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
    }, var.task.cpu, []), var.task.memory)
    error_message = "Fargate has no task of this cpu (units of 1/1024 vCPU) and memory (MiB); write for example cpu = 256 with memory 512, 1024 or 2048, or cpu = 1024 with 2048 to 8192."
  }

  validation {
    condition     = contains(["X86_64", "ARM64"], var.task.architecture)
    error_message = "The architecture must be X86_64 or ARM64, as the image was built; write for example architecture = \"ARM64\"."
  }

  validation {
    condition     = var.task.stop_timeout >= 2 && var.task.stop_timeout <= 120
    error_message = "Fargate waits 2 to 120 seconds between SIGTERM and SIGKILL; write for example stop_timeout = 60."
  }

  validation {
    condition     = length(merge(var.task.environment, var.task.secrets, var.task.parameters)) == length(var.task.environment) + length(var.task.secrets) + length(var.task.parameters)
    error_message = "A variable comes from environment, from secrets or from parameters, not from two of them; leave it out of one."
  }

  validation {
    condition     = alltrue([for name in keys(var.task.environment) : !can(regex("(?i)(password|private_key|secret|api_key)$", name))])
    error_message = "A password or key in environment is readable by everyone who may describe tasks; write it into secrets, as the ARN of a secret."
  }
}

variable "permissions" {
  description = "What the service's own code may do: statements of its task role, by sid."
  type = map(object({
    actions   = set(string)
    resources = list(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue(flatten([for statement in var.permissions : [for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))]]))
    error_message = "A service is given actions by their names, not by patterns; write for example sqs:SendMessage instead of sqs:*."
  }

  validation {
    condition     = alltrue(flatten([for statement in var.permissions : [for resource in statement.resources : resource != "*"]]))
    error_message = "A service is given its own resources only; write their ARNs instead of \"*\"."
  }
}

variable "load_balancer" {
  description = "Rule of the load balancer that leads to the service: its listener, the paths (and hosts) it takes, its priority, and how targets are checked. `null` for a service without a port on the load balancer."
  type = object({
    listener_arn         = string
    has_test_listener    = optional(bool, false)
    test_listener_arn    = optional(string)
    security_group_id    = string
    arn_suffix           = string
    priority             = number
    paths                = list(string)
    hosts                = optional(list(string), [])
    health_path          = optional(string, "/health")
    health_interval      = optional(number, 10)
    health_timeout       = optional(number, 5)
    healthy_threshold    = optional(number, 2)
    unhealthy_threshold  = optional(number, 3)
    deregistration_delay = optional(number, 30)
  })
  default = null

  validation {
    condition     = var.load_balancer == null || try(length(var.load_balancer.paths) + length(var.load_balancer.hosts) <= 5 && length(var.load_balancer.paths) >= 1, false)
    error_message = "A listener rule takes one to five paths and hosts in all; write for example paths = [\"/orders/*\", \"/bookings/*\"]."
  }

  validation {
    condition     = var.load_balancer == null || try(var.load_balancer.health_timeout < var.load_balancer.health_interval, false)
    error_message = "A health check must time out before the next begins; write for example health_interval = 10 and health_timeout = 5."
  }
}

variable "deployment" {
  description = "How revisions follow each other. `strategy`: rolling, blue-green, linear or canary (the last three shift traffic between two target groups). Percents are of the desired count; `one_by_one` starts one task beyond it at a time. `step_percent` and `step_bake_minutes` belong to linear and canary, `bake_minutes` to all three. `pause_at` stops at lifecycle stages until someone continues, or for so many minutes. `alarms` are further alarms that turn a deployment back."
  type = object({
    strategy                = optional(string, "rolling")
    minimum_healthy_percent = optional(number, 100)
    maximum_percent         = optional(number)
    one_by_one              = optional(bool, false)
    grace_period            = optional(number, 60)
    bake_minutes            = optional(number, 10)
    step_percent            = optional(number, 10)
    step_bake_minutes       = optional(number, 5)
    pause_at                = optional(map(number), {})
    alarms                  = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["rolling", "blue-green", "linear", "canary"], var.deployment.strategy)
    error_message = "The strategy must be rolling, blue-green, linear or canary; write for example strategy = \"rolling\"."
  }

  validation {
    condition     = var.deployment.strategy == "rolling" || var.load_balancer != null
    error_message = "A ${var.deployment.strategy} service shifts the load balancer's traffic; give it load_balancer, or write strategy = \"rolling\"."
  }

  validation {
    condition     = coalesce(var.deployment.maximum_percent, 200) > var.deployment.minimum_healthy_percent
    error_message = "No task could be replaced: the maximum percent must be above the minimum healthy percent; write for example minimum_healthy_percent = 100 and maximum_percent = 200."
  }

  validation {
    condition     = var.deployment.bake_minutes >= 0 && var.deployment.bake_minutes <= 1440 && var.deployment.step_bake_minutes >= 0 && var.deployment.step_bake_minutes <= 1440
    error_message = "ECS bakes 0 to 1440 minutes; write for example bake_minutes = 10."
  }

  validation {
    condition     = var.deployment.step_percent >= (var.deployment.strategy == "linear" ? 3 : 0.1) && var.deployment.step_percent <= 100
    error_message = "A step shifts 0.1 to 100 percent with canary, 3 to 100 with linear; write for example step_percent = 10."
  }

  validation {
    condition = length(setsubtract(keys(var.deployment.pause_at), [
      "RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
      "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT",
    ])) == 0
    error_message = "A deployment pauses at a lifecycle stage of ECS; write for example pause_at = { POST_TEST_TRAFFIC_SHIFT = 60 }."
  }
}

variable "scaling" {
  description = "How many tasks run. Targets: percent of CPU and memory (`null` for none), requests a minute and task, messages of a queue per task, and custom metrics. `schedules` set other bounds at cron times."
  type = object({
    min                = number
    max                = number
    cpu_percent        = optional(number, 70)
    memory_percent     = optional(number, 80)
    requests_per_task  = optional(number)
    scale_out_cooldown = optional(number, 60)
    scale_in_cooldown  = optional(number, 300)
    queue = optional(object({
      name              = string
      messages_per_task = number
    }))
    metrics = optional(map(object({
      namespace  = string
      name       = string
      statistic  = optional(string, "Average")
      dimensions = optional(map(string), {})
      target     = number
    })), {})
    schedules = optional(map(object({
      cron     = string
      timezone = optional(string, "UTC")
      min      = number
      max      = number
    })), {})
  })
  nullable = false

  validation {
    condition     = var.scaling.min >= 0 && var.scaling.max >= var.scaling.min && var.scaling.max >= 1
    error_message = "The bounds must be whole numbers with 0 <= min <= max and max >= 1; write for example scaling = { min = 2, max = 6 }."
  }

  validation {
    condition     = var.scaling.queue == null || var.scaling.min >= 1
    error_message = "Messages per task means nothing while no task runs, so nothing would ever start one; write min = 1 or more with scaling.queue."
  }

  validation {
    condition     = var.scaling.requests_per_task == null || var.load_balancer != null
    error_message = "Requests are counted by the load balancer; give the service load_balancer, or leave out requests_per_task."
  }

  validation {
    condition     = !var.production || var.scaling.min >= 2 || !contains(["blue-green", "linear", "canary"], var.deployment.strategy)
    error_message = "Production needs two tasks in two zones to shift traffic without a gap; write scaling = { min = 2, … }."
  }
}

variable "peers" {
  description = "Who else may call the service's port, by name: security groups of other services. Never address ranges."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.peers) : !can(cidrhost(id, 0))])
    error_message = "A peer is a security group, never a range of addresses; write for example peers = { gateway = module.gateway.security_group_id }."
  }
}

variable "connects_to" {
  description = "What the service calls inside the VPC, by name: security group and port. Both sides get the rule."
  type = map(object({
    security_group_id = string
    port              = number
  }))
  default  = {}
  nullable = false
}

variable "egress" {
  description = "Ways to AWS and the internet, all on port 443: the internet itself, the security group of interface endpoints, prefix lists of gateway endpoints."
  type = object({
    internet                   = optional(bool, true)
    has_interface_endpoints    = optional(bool, false)
    endpoint_security_group_id = optional(string)
    prefix_list_ids            = optional(map(string), {})
  })
  default  = {}
  nullable = false
}

variable "discovery" {
  description = "Private name of the service for its peers: `cloud_map` (DNS) or `service_connect` (a proxy beside each task; with `client_only`, it calls others and is not called), in a namespace. `null` for none."
  type = object({
    mode          = string
    namespace_id  = optional(string)
    namespace_arn = optional(string)
    client_only   = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.discovery == null || try(contains(["cloud_map", "service_connect"], var.discovery.mode), false)
    error_message = "The discovery's mode must be cloud_map or service_connect; write for example discovery = { mode = \"cloud_map\", namespace_id = module.cluster.namespace.id }."
  }
}

variable "capacity" {
  description = "Base and weight of each capacity provider, from when the service is made; empty for the cluster's default of then. What is changed later is not a difference for the plan: `aws ecs update-service --capacity-provider-strategy … --force-new-deployment` brings it to the service."
  type = map(object({
    base   = optional(number, 0)
    weight = number
  }))
  default  = {}
  nullable = false
}

variable "exec" {
  description = "Whether shells may be opened in the containers; their file systems are writable then."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.exec || !var.production
    error_message = "A shell in production changes what was deployed and leaves no revision; write exec = false, and look at logs and metrics instead."
  }
}

variable "alarms" {
  description = "Bounds of the service's alarms, and the topics that hear of them. Latency in seconds, the 95th percentile."
  type = object({
    topic_arns         = optional(list(string), [])
    error_percent      = optional(number, 5)
    latency_seconds    = optional(number, 2)
    cpu_percent        = optional(number, 90)
    memory_percent     = optional(number, 90)
    has_running_metric = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "log_days" {
  description = "Days for which the containers' logs are kept."
  type        = number
  default     = 365
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key of logs and secrets; `null` for the services' own."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role made here."
  type        = string
  default     = null
}
