terraform {
  required_version = ">= 1.11"

  # terraform init -backend-config=../../backends/prod.s3.tfbackend -backend-config=bucket=shop-terraform-123456789012 -backend-config=key=prod/single.tfstate
  backend "s3" {}

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
    tags = { project = var.project, environment = var.environment, managed-by = "terraform", stack = "single" }
  }
}
