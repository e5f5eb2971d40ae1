terraform {
  required_version = ">= 1.11"

  # Begins with local state, as the bucket of all other states is made here; README.md says how to move it there.
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.66"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = var.project, managed-by = "terraform", stack = "bootstrap" }
  }
}
