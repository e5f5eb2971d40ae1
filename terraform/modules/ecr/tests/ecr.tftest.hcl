variables {
  repositories = { "shop/email-api" = {}, "shop/gateway" = { keep_images = 500 } }
}

run "keeps_images_as_they_were_pushed" {
  command = plan

  assert {
    condition     = alltrue([for repository in values(aws_ecr_repository.this) : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && !repository.force_delete])
    error_message = "A tag can be moved, an image is not scanned, or a repository goes with its images."
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["shop/gateway"].policy).rules : [rule.selection.tagStatus, rule.selection.countType, rule.selection.countNumber]] == [["untagged", "sinceImagePushed", 14], ["tagged", "imageCountMoreThan", 500]]
    error_message = "Tagged images go by age, or not by the count that was asked for."
  }

  assert {
    condition     = length(aws_ecr_repository_policy.pull) == 0 && length(aws_ecr_replication_configuration.this) == 0
    error_message = "Something was opened or copied that nobody asked for."
  }
}

run "lets_other_accounts_pull_and_copies_to_other_regions" {
  command = plan

  variables {
    pull_accounts = ["210987654321"]
    replicate_to  = { regions = ["us-west-2"], prefix = "shop/" }
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.pull["shop/gateway"].policy).Statement[0].Principal.AWS == "arn:aws:iam::210987654321:root" && !contains(jsondecode(aws_ecr_repository_policy.pull["shop/gateway"].policy).Statement[0].Action, "ecr:PutImage")
    error_message = "The other account may not pull, or may push."
  }

  assert {
    condition     = aws_ecr_replication_configuration.this["this"].replication_configuration[0].rule[0].destination[0].region == "us-west-2"
    error_message = "Images are not copied."
  }
}

run "refuses_to_keep_too_few" {
  command = plan

  variables {
    repositories = { "shop/email-api" = { keep_images = 5 } }
  }

  expect_failures = [var.repositories]
}

run "refuses_a_name_ecr_does_not_take" {
  command = plan

  variables {
    repositories = { "Shop/Email" = {} }
  }

  expect_failures = [var.repositories]
}
