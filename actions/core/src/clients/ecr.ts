/** What is used of ECR; loaded by `aws-clients.ts` when it is used first. */
export {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient as Client,
  GetAuthorizationTokenCommand,
  paginateDescribeRepositories,
} from '@aws-sdk/client-ecr';
