# Terraform owns the template, CI owns the revisions: CI reads the template, puts the image's digest into it, registers
# and deploys the result. So a changed variable here reaches the service with its next deployment, and the drift check
# tells when the running revision was made from an older template.
locals {
  fetched = merge(var.task.secrets, var.task.parameters)

  container = { for key, value in {
    name                   = var.service
    essential              = true
    readonlyRootFilesystem = !var.exec
    stopTimeout            = var.task.stop_timeout
    command                = var.task.command

    portMappings = [merge(
      { containerPort = var.task.port, protocol = "tcp" },
      local.connects ? { name = var.service, appProtocol = "http" } : {},
    )]

    environment = [for name in sort(keys(var.task.environment)) : { name = name, value = var.task.environment[name] }]
    secrets     = length(local.fetched) == 0 ? null : [for name in sort(keys(local.fetched)) : { name = name, valueFrom = local.fetched[name] }]

    mountPoints = length(var.task.writable_paths) == 0 ? null : [for name, path in var.task.writable_paths : {
      sourceVolume = name, containerPath = path, readOnly = false
    }]

    # Without an init process a shell's children stay behind as zombies.
    linuxParameters = var.exec ? { initProcessEnabled = true } : null

    healthCheck = var.task.health_command == null ? null : {
      command     = var.task.health_command
      interval    = var.task.health_checks.interval
      timeout     = var.task.health_checks.timeout
      retries     = var.task.health_checks.retries
      startPeriod = var.task.health_checks.start_period
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = local.region
        awslogs-stream-prefix = var.service
      }
    }
  } : key => value if value != null }

  template = merge(
    {
      family                  = local.full_name
      networkMode             = "awsvpc"
      requiresCompatibilities = ["FARGATE"]
      cpu                     = tostring(var.task.cpu)
      memory                  = tostring(var.task.memory)
      runtimePlatform         = { cpuArchitecture = var.task.architecture, operatingSystemFamily = "LINUX" }
      executionRoleArn        = aws_iam_role.execution.arn
      taskRoleArn             = aws_iam_role.task.arn
      # The marker is the container's name, which CI replaces by repository@sha256:….
      containerDefinitions = [merge(local.container, { image = var.service })]
    },
    length(var.task.writable_paths) == 0 ? {} : { volumes = [for name in keys(var.task.writable_paths) : { name = name }] },
  )
}

resource "aws_ssm_parameter" "template" {
  #checkov:skip=CKV2_AWS_34:A template holds ARNs of secrets, never their values
  name        = "/${var.environment}/${var.service}/task-definition"
  description = "Template of the task definition of ${local.full_name}; CI puts the image's digest into it."
  type        = "String"
  tier        = "Intelligent-Tiering"
  value       = jsonencode(local.template)

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.template)) <= 8192
      error_message = "The task definition template of ${var.service} is longer than the 8192 characters SSM holds; move long values of task.environment into SSM parameters or secrets of their own."
    }
  }
}

# The first revision, so that the service can begin; every later one is CI's. Nothing here changes it any more, and
# destroying the stack leaves it active, as every revision must be for a rollback.
resource "aws_ecs_task_definition" "bootstrap" {
  family                   = local.full_name
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = tostring(var.task.cpu)
  memory                   = tostring(var.task.memory)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([merge(local.container, { image = var.task.image })])
  skip_destroy             = true

  runtime_platform {
    cpu_architecture        = var.task.architecture
    operating_system_family = "LINUX"
  }

  dynamic "volume" {
    for_each = var.task.writable_paths

    content {
      name = volume.key
    }
  }

  lifecycle {
    ignore_changes = all
  }
}
