/** What is used of CloudWatch; loaded by `aws-clients.ts` when it is used first. */
export { CloudWatchClient as Client, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
