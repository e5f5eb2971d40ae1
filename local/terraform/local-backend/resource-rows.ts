import type { Rows } from './row.ts';
import { backupRows } from './rows/backup.ts';
import { configurationRows } from './rows/configuration.ts';
import { dataStoreRows } from './rows/data-stores.ts';
import { ec2Rows } from './rows/ec2.ts';
import { securityGroupRows } from './rows/ec2-security-groups.ts';
import { ecrRows } from './rows/ecr.ts';
import { ecsRows } from './rows/ecs.ts';
import { elbv2Rows } from './rows/elbv2.ts';
import { iamRows } from './rows/iam.ts';
import { messagingRows } from './rows/messaging.ts';
import { nameRows } from './rows/names.ts';
import { observabilityRows } from './rows/observability.ts';
import { s3Rows } from './rows/s3.ts';
import { scalingRows } from './rows/scaling.ts';

/** Every resource type that can be made on the local AWS. */
export const resourceRows: Rows = {
  ...backupRows,
  ...configurationRows,
  ...dataStoreRows,
  ...ec2Rows,
  ...ecrRows,
  ...ecsRows,
  ...elbv2Rows,
  ...iamRows,
  ...messagingRows,
  ...nameRows,
  ...observabilityRows,
  ...s3Rows,
  ...scalingRows,
  ...securityGroupRows,
};
