import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** One unmodified SDK client for each service that the rehearsal looks at. */
export interface Clients {
  ecr: ECRClient;
  ecs: ECSClient;
  elb: ElasticLoadBalancingV2Client;
  iam: IAMClient;
  s3: S3Client;
  sqs: SQSClient;
  ssm: SSMClient;
}

/** Secret of the account's administrator; the local AWS looks at the access key id only. */
export const ADMINISTRATOR_SECRET = 'rehearsal';

/** Clients of the account's administrator on a local AWS; a 12-digit access key id is the account. */
export function administratorClients(endpoint: string, accountId: string, region: string): Clients {
  const configuration = {
    endpoint,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: ADMINISTRATOR_SECRET },
  };
  return {
    ecr: new ECRClient(configuration),
    ecs: new ECSClient(configuration),
    elb: new ElasticLoadBalancingV2Client(configuration),
    iam: new IAMClient(configuration),
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    sqs: new SQSClient(configuration),
    ssm: new SSMClient(configuration),
  };
}
