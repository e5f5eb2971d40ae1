locals {
  schemas = toset([for service in values(module.environment.services) : service.schema if service.schema != null])
}

module "secrets" {
  source = "../../modules/secrets"

  prefix        = "${var.project}/${var.environment}"
  production    = local.production
  recovery_days = local.throwaway ? 0 : 30
  kms_key_arn   = local.key_arn

  secrets = merge(
    # A database user for each schema, with rights on that schema only.
    { for schema in local.schemas : "db/${schema}" => {
      description = "User of the schema ${schema}: host, port, dbname, username and password."
      generate    = {}
      fields      = { engine = "postgres", host = module.database.host, port = tostring(module.database.port), dbname = module.database.database_name, username = schema }
    } },
    {
      service-key = {
        description = "Key that our services sign identities with, one a line, the newest first."
        generate    = { length = 64, plain = true }
      }
      "jwt/keys" = { description = "Keys that tokens are signed with; identity makes and rotates them." }
      providers  = { description = "Keys of mail, SMS and push providers as JSON; put in by hand." }
    },
  )
}

module "parameters" {
  source = "../../modules/ssm"

  prefix      = "/${var.environment}"
  kms_key_arn = local.key_arn

  secure = {
    "email-api/token" = { description = "Token that callers of the e-mail API show." }
  }

  parameters = {
    # A restored database has another address: services are told by the secret, people and drills by this.
    "database/host" = { description = "Address of the database.", value = module.database.host }
  }
}
