/** What is used of IAM; loaded by `aws-clients.ts` when it is used first. */
export {
  GetRoleCommand,
  IAMClient as Client,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
