locals {
  # Made for a drill and destroyed after it: production's database from its backups, behind the same services. Closed to
  # the internet, so that a copy of production mails nobody.
  drill = {
    network = {
      cidr                = "10.3.0.0/16"
      nat_mode            = "none"
      interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "sqs", "kms", "monitoring"]
    }
    throwaway = true
    log_days  = 30

    services = { min = 1, max = 3 }
    database = { multi_az = false, backup_days = 1 }
    cache    = { nodes = 1 }
  }
}
