module "planted" {
  source = "./rule"
  port   = 22
}
