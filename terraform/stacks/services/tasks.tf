# What each service is told, fetches and may do. One place for all ten, so that two services that share a queue are read
# side by side.
locals {
  domain = local.settings.discovery == "service_connect" ? "" : ".${local.foundation.cluster.namespace.name}"
  url    = { for name, service in local.catalogue : name => "http://${name}${local.domain}:${service.port}" }

  queue     = local.foundation.queues
  bucket    = local.foundation.buckets
  table     = local.foundation.tables
  secret    = local.foundation.secret_arns
  parameter = local.foundation.parameters

  receiving = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
  sending   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]

  # Of every service, by what the catalogue says of it.
  common_environment = { for name, service in local.wanted : name => merge(
    {
      SERVICE    = name
      AWS_REGION = var.region
      LOG_LEVEL  = local.settings.log_level
    },
    name == "email-consumer" ? { METRICS_PORT = tostring(service.port) } : { PORT = tostring(service.port), DRAIN_DELAY_MS = local.pace.drain_ms },
    service.schema == null ? {} : { DB_SECRET_ARN = local.secret["db/${service.schema}"] },
    service.bus ? { BUS = "nats", NATS_URL = local.nats_url, NATS_REPLICAS = "3" } : {},
    startswith(name, "email-") ? {} : { JWKS_URL = "${local.url.identity}/.well-known/jwks.json", SERVICE_KEY_SECRET_ARN = local.secret["service-key"] },
    { for called in service.calls : "${upper(replace(called, "-", "_"))}_URL" => local.url[called] if called != "identity" || name == "gateway" },
  ) }

  common_permissions = { for name, service in local.wanted : name => merge(
    service.schema == null ? {} : { ReadDatabaseSecret = { actions = ["secretsmanager:GetSecretValue"], resources = [local.secret["db/${service.schema}"]] } },
    startswith(name, "email-") ? {} : { ReadServiceKey = { actions = ["secretsmanager:GetSecretValue"], resources = [local.secret["service-key"]] } },
    local.settings.own_key ? { UseTheKey = { actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [local.foundation.key_arn] } } : {},
  ) }

  tasks = {
    gateway = {
      environment  = { SHUTDOWN_TIMEOUT_MS = "85000" }
      permissions  = {}
      stop_timeout = 90
    }

    identity = {
      environment = { JWT_KEYS_SECRET_ARN = local.secret["jwt/keys"] }
      # It makes and rotates the keys itself, so it writes them too.
      permissions = { KeepSigningKeys = { actions = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"], resources = [local.secret["jwt/keys"]] } }
    }

    order = {
      environment = { UPLOADS_BUCKET = local.bucket.uploads.name }
      permissions = { KeepReceipts = { actions = ["s3:GetObject", "s3:PutObject"], resources = ["${local.bucket.uploads.arn}/receipts/*"] } }
    }

    driver = { environment = {}, permissions = {} }

    dispatch = {
      environment = { UPLOADS_BUCKET = local.bucket.uploads.name, NOTIFICATION_QUEUE_URL = local.queue["notification-jobs"].url, METRIC_NAMESPACE = local.name }
      permissions = {
        KeepTrips         = { actions = ["s3:PutObject"], resources = ["${local.bucket.uploads.arn}/trips/*"] }
        SendNotifications = { actions = local.sending, resources = [local.queue["notification-jobs"].arn] }
      }
      # Orders that wait for a driver; it writes their number to its log once a minute.
      metrics = { orders = { namespace = local.name, name = "dispatch_queue_depth", target = 50 } }
    }

    notification = {
      environment = {
        NOTIFICATION_QUEUE_URL = local.queue["notification-jobs"].url
        NOTIFICATION_DLQ_URL   = local.queue["notification-jobs"].dead_letter.url
        NOTIFICATION_TABLE     = local.table.notifications.name
        SQS_QUEUE_URL          = local.queue.email.url
        PROVIDERS_SECRET_ARN   = local.secret.providers
        METRIC_NAMESPACE       = local.name
      }
      permissions = {
        WorkOnJobs    = { actions = concat(local.receiving, ["sqs:SendMessage"]), resources = [local.queue["notification-jobs"].arn] }
        RedriveJobs   = { actions = concat(local.receiving, ["sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:StartMessageMoveTask"]), resources = [local.queue["notification-jobs"].dead_letter.arn] }
        SendMails     = { actions = local.sending, resources = [local.queue.email.arn] }
        KeepFeed      = { actions = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], resources = [local.table.notifications.arn] }
        ReadProviders = { actions = ["secretsmanager:GetSecretValue"], resources = [local.secret.providers] }
      }
      queue = { name = local.queue["notification-jobs"].name, messages_per_task = 200 }
    }

    tracking = { environment = {}, permissions = {} }
    customer = { environment = {}, permissions = {} }

    email-api = {
      environment = { SQS_QUEUE_URL = local.queue.email.url, SSM_TOKEN_PARAMETER = local.parameter["email-api/token"].name }
      permissions = {
        ReadToken = { actions = ["ssm:GetParameter"], resources = [local.parameter["email-api/token"].arn] }
        SendMails = { actions = local.sending, resources = [local.queue.email.arn] }
      }
    }

    email-consumer = {
      environment = { SQS_QUEUE_URL = local.queue.email.url, S3_BUCKET_NAME = local.bucket.emails.name, SQS_POLL_INTERVAL = "0" }
      permissions = {
        TakeMails = { actions = local.receiving, resources = [local.queue.email.arn] }
        # It looks at an object of the same key before it says that two mails collide.
        StoreMails = { actions = ["s3:GetObject", "s3:PutObject"], resources = ["${local.bucket.emails.arn}/emails/*"] }
      }
      queue = { name = local.queue.email.name, messages_per_task = 500 }
    }
  }
}
