/** What is used of Systems Manager; loaded by `aws-clients.ts` when it is used first. */
export {
  DescribeParametersCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient as Client,
} from '@aws-sdk/client-ssm';
