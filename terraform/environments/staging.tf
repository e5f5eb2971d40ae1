locals {
  # Production's shape at its smallest: what passes here has met every part it will meet there.
  staging = {
    network  = { cidr = "10.1.0.0/16", nat_mode = "single" }
    log_days = 90

    spot = { on_demand_base = 1, spot_percent = 70 }

    services   = { min = 1, max = 3 }
    strategies = { gateway = "canary" }
    database   = { multi_az = true, backup_days = 7 }
    cache      = { nodes = 2 }
  }
}
