locals {
  # For trying things out: the least that runs everything, and nothing that a deletion would hurt.
  dev = {
    network   = { cidr = "10.2.0.0/16", nat_mode = "instance" }
    throwaway = true
    own_key   = false
    log_days  = 30

    container_insights = "enabled"
    spot               = { on_demand_base = 0, spot_percent = 100 }

    services = { min = 1, max = 3 }
    database = { multi_az = false, backup_days = 1 }
    cache    = { nodes = 1 }
  }
}
