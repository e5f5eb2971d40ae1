/** What is used of CloudWatch Logs; loaded by `aws-clients.ts` when it is used first. */
export {
  CloudWatchLogsClient as Client,
  DescribeLogGroupsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
