/** What is used of Secrets Manager; loaded by `aws-clients.ts` when it is used first. */
export { DescribeSecretCommand, SecretsManagerClient as Client } from '@aws-sdk/client-secrets-manager';
