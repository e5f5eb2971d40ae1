/** What is used of the Security Token Service; loaded by `aws-clients.ts` when it is used first. */
export {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient as Client,
} from '@aws-sdk/client-sts';
