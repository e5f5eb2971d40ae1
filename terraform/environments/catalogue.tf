# The services, as every stack needs them: what listens where, who leads there, and what each stands on.
locals {
  services = {
    gateway = {
      port  = 8080, paths = ["/*"], priority = 900, cache = true, bus = true
      calls = ["identity", "order", "driver", "dispatch", "notification", "tracking", "customer"]
    }
    identity       = { port = 3000, paths = ["/auth/*", "/users/*", "/.well-known/jwks.json"], priority = 100, schema = "users", cache = true, bus = true }
    order          = { port = 3001, paths = ["/orders/*", "/bookings/*"], priority = 110, schema = "orders", cache = true, bus = true, calls = ["identity"] }
    driver         = { port = 3002, paths = ["/drivers/*"], priority = 120, schema = "drivers", cache = true, bus = true, calls = ["identity"] }
    dispatch       = { port = 3003, schema = "dispatch", cache = true, bus = true, calls = ["identity", "order"] }
    notification   = { port = 3004, paths = ["/notifications/*"], priority = 130, schema = "notifications", bus = true, calls = ["identity"] }
    tracking       = { port = 3005, paths = ["/tracking/*"], priority = 140, schema = "tracking", cache = true, bus = true, calls = ["identity"] }
    customer       = { port = 3006, paths = ["/customers/*"], priority = 150, schema = "customers", bus = true, calls = ["identity"] }
    email-api      = { port = 8000, paths = ["/api/email"], priority = 90 }
    email-consumer = { port = 9090 }
  }
}
