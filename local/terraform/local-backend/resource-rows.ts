import type { Rows } from './row.ts';
import { backupRows } from './rows/backup.ts';
import { cloudwatchRows } from './rows/cloudwatch.ts';
import { dynamodbRows } from './rows/dynamodb.ts';
import { endpointRows } from './rows/ec2-endpoints.ts';
import { flowLogRows } from './rows/ec2-flow-logs.ts';
import { instanceRows } from './rows/ec2-instances.ts';
import { networkRows } from './rows/ec2-network.ts';
import { routeRows } from './rows/ec2-routes.ts';
import { securityGroupRows } from './rows/ec2-security-groups.ts';
import { securityRuleRows } from './rows/ec2-security-rules.ts';
import { ecrRows } from './rows/ecr.ts';
import { clusterRows } from './rows/ecs-clusters.ts';
import { serviceRows } from './rows/ecs-services.ts';
import { taskDefinitionRows } from './rows/ecs-task-definitions.ts';
import { elasticacheRows } from './rows/elasticache.ts';
import { balancerRows } from './rows/elbv2-balancers.ts';
import { listenerRows } from './rows/elbv2-listeners.ts';
import { targetGroupRows } from './rows/elbv2-target-groups.ts';
import { firehoseRows } from './rows/firehose.ts';
import { firewallRows } from './rows/firewall.ts';
import { iamRows } from './rows/iam.ts';
import { kmsRows } from './rows/kms.ts';
import { logRows } from './rows/logs.ts';
import { nameRows } from './rows/names.ts';
import { openSearchRows } from './rows/opensearch.ts';
import { rdsRows } from './rows/rds.ts';
import { route53Rows } from './rows/route53.ts';
import { s3Rows } from './rows/s3.ts';
import { scalingRows } from './rows/scaling.ts';
import { schedulerRows } from './rows/scheduler.ts';
import { secretRows } from './rows/secrets.ts';
import { snsRows } from './rows/sns.ts';
import { sqsRows } from './rows/sqs.ts';
import { ssmRows } from './rows/ssm.ts';

/** Every resource type that can be made on the local AWS. */
export const resourceRows: Rows = {
  ...backupRows,
  ...balancerRows,
  ...cloudwatchRows,
  ...clusterRows,
  ...dynamodbRows,
  ...ecrRows,
  ...elasticacheRows,
  ...endpointRows,
  ...firehoseRows,
  ...firewallRows,
  ...flowLogRows,
  ...iamRows,
  ...instanceRows,
  ...kmsRows,
  ...listenerRows,
  ...logRows,
  ...nameRows,
  ...networkRows,
  ...openSearchRows,
  ...rdsRows,
  ...route53Rows,
  ...routeRows,
  ...s3Rows,
  ...scalingRows,
  ...schedulerRows,
  ...secretRows,
  ...securityGroupRows,
  ...securityRuleRows,
  ...serviceRows,
  ...snsRows,
  ...sqsRows,
  ...ssmRows,
  ...targetGroupRows,
  ...taskDefinitionRows,
};
