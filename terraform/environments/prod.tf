locals {
  prod = {
    production          = true
    network             = { cidr = "10.0.0.0/16", nat_mode = "per_az" }
    log_days            = 365
    deletion_protection = true

    container_insights = "enhanced"
    spot               = { on_demand_base = 2, spot_percent = 0 }

    services   = { min = 2, max = 6, one_by_one = true }
    strategies = { gateway = "canary" }
    database   = { multi_az = true, backup_days = 14, backup_region = { region = "us-west-2", days = 14 } }
    cache      = { nodes = 2 }

    backup = {
      days         = 35
      monthly_days = 365
      copy_region  = "us-west-2"
      restore_test = true
    }
  }
}
