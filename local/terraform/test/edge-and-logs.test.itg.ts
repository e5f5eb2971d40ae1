import { gunzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { FirehoseClient, ListDeliveryStreamsCommand } from '@aws-sdk/client-firehose';
import { DescribeDomainCommand, ListDomainNamesCommand, OpenSearchClient } from '@aws-sdk/client-opensearch';
import {
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  CreateWebACLCommand,
  DisassociateWebACLCommand,
  GetWebACLForResourceCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type StorageAws, startStorageAws } from '../../aws/storage-aws.ts';
import { it } from './needs-terraform.ts';
import { credentials, openTerraformRoot, type TerraformRoot } from './terraform-root.ts';

const ResourceArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop-prod/1';
const group = { logGroupName: '/ecs/web' };

/** By the clients of AWS itself, what Terraform has made and what others did. */
let clients: ReturnType<typeof clientsAt>;
let aws: StorageAws;
let root: TerraformRoot;
let zoneId = '';
let webAclArn = '';

function clientsAt(endpoint: string) {
  const settings = { endpoint, region: 'us-east-1', credentials };
  return {
    dns: new Route53Client(settings),
    firewall: new WAFV2Client(settings),
    logs: new CloudWatchLogsClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    search: new OpenSearchClient(settings),
    streams: new FirehoseClient(settings),
  };
}

beforeAll(async () => {
  aws = await startStorageAws({ log: () => undefined });
  root = await openTerraformRoot('edge-and-logs.tf', {
    endpoint: aws.endpoint,
    variables: () => [...['-var', `zone_id=${zoneId}`], ...['-var', `web_acl_arn=${webAclArn}`]],
  });
  clients = clientsAt(aws.endpoint);
  // The zone and the firewall are somebody else's, as they are in the stacks.
  const { HostedZone } = await clients.dns.send(
    new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: '1' }),
  );
  zoneId = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  const { Summary } = await clients.firewall.send(
    new CreateWebACLCommand({
      ...{ Name: 'shop', Scope: 'REGIONAL', DefaultAction: { Allow: {} } },
      VisibilityConfig: {
        SampledRequestsEnabled: false,
        CloudWatchMetricsEnabled: false,
        MetricName: 'shop',
      },
    }),
  );
  webAclArn = Summary?.ARN ?? '';
  await root.succeed('init');
});

afterAll(async () => {
  await root?.close();
  for (const client of Object.values(clients ?? {})) client.destroy();
  await aws?.stop();
});

/** In order: each begins with what the one before has left. */
describe('names, firewall and log lines on the local AWS', () => {
  it('are made, none of them in Terraform’s state only', async () => {
    const { stdout } = await root.succeed('apply', '-auto-approve');
    expect(stdout).not.toContain('Warning');
    const { DomainStatus } = await clients.search.send(
      new DescribeDomainCommand({ DomainName: 'shop-prod' }),
    );
    expect(DomainStatus).toMatchObject({
      EngineVersion: 'OpenSearch_2.19',
      DomainEndpointOptions: { EnforceHTTPS: true },
      EncryptionAtRestOptions: { Enabled: true },
    });
    expect(await recordNames()).toEqual([
      '_1.shop.example.com. CNAME',
      'example.com. TXT',
      'shop.example.com. A',
    ]);
    expect(await firewallOf()).toBe('shop');
  });

  it('are as they should be in a second plan', async () => {
    expect(await root.changes()).toEqual([0, expect.stringContaining('No changes.')]);
  });

  it('a line of a service goes to the bucket of what OpenSearch did not take', async () => {
    await clients.logs.send(new CreateLogStreamCommand({ ...group, logStreamName: 'web/1' }));
    const logEvents = [{ timestamp: Date.now(), message: 'the shop opens' }];
    await clients.logs.send(new PutLogEventsCommand({ ...group, logStreamName: 'web/1', logEvents }));
    expect(await failedLines()).toEqual(['the shop opens']);
  });

  it('what somebody changed behind Terraform’s back is seen and undone', async () => {
    const subscription = 'module.opensearch.aws_cloudwatch_log_subscription_filter.this["web"]';
    await clients.firewall.send(new DisassociateWebACLCommand({ ResourceArn }));
    await clients.logs.send(
      new PutSubscriptionFilterCommand({
        ...{ ...group, filterName: 'opensearch', filterPattern: 'ERROR' },
        destinationArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/shop-prod-logs',
      }),
    );
    const [code, stdout] = await root.changes();
    expect([code, stdout]).toEqual([2, expect.stringContaining(`${subscription} will be updated in-place`)]);
    expect(stdout).toContain('aws_wafv2_web_acl_association.this will be created');
    await root.succeed('apply', '-auto-approve');
    expect(await root.changes()).toEqual([0, expect.stringContaining('No changes.')]);
    expect(await firewallOf()).toBe('shop');
  });

  it('change in place where AWS can', async () => {
    const { stdout } = await root.succeed('apply', '-auto-approve', '-var', 'ttl=60');
    expect(stdout).toContain('0 added, 2 changed, 0 destroyed');
    expect(await root.changes('-var', 'ttl=60')).toEqual([0, expect.stringContaining('No changes.')]);
  });

  it('are taken over by their ids', async () => {
    const stream = 'arn:aws:firehose:us-east-1:123456789012:deliverystream/shop-prod-logs';
    const ids = {
      'module.opensearch.aws_opensearch_domain.this': 'shop-prod',
      'module.opensearch.aws_kinesis_firehose_delivery_stream.this': stream,
      'module.opensearch.aws_cloudwatch_log_subscription_filter.this["web"]': '/ecs/web|opensearch',
      'aws_route53_record.balancer': `${zoneId}_shop.example.com_A`,
      'aws_wafv2_web_acl_association.this': `${webAclArn},${ResourceArn}`,
    };
    for (const [address, id] of Object.entries(ids)) {
      await root.succeed('state', 'rm', address);
      await root.succeed('import', address, id);
    }
    expect(await root.changes('-var', 'ttl=60')).toEqual([0, expect.stringContaining('No changes.')]);
  });

  it('leave nothing after destroy', async () => {
    await root.succeed('destroy', '-auto-approve');
    expect((await root.succeed('state', 'list')).stdout).toBe('');
    const { DomainNames } = await clients.search.send(new ListDomainNamesCommand());
    const { DeliveryStreamNames } = await clients.streams.send(new ListDeliveryStreamsCommand());
    expect([DomainNames, DeliveryStreamNames, await recordNames(), await firewallOf()]).toEqual([
      [],
      [],
      [],
      undefined,
    ]);
  });
});

/** Names of the records that are not the zone's own. */
async function recordNames(): Promise<string[]> {
  const { ResourceRecordSets = [] } = await clients.dns.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }),
  );
  return ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    .map(({ Name, Type }) => `${Name} ${Type}`)
    .sort();
}

async function firewallOf(): Promise<string | undefined> {
  const { WebACL } = await clients.firewall.send(new GetWebACLForResourceCommand({ ResourceArn }));
  return WebACL?.Name;
}

/** What lies in the bucket: the envelopes of CloudWatch Logs, gzipped. */
async function failedLines(): Promise<string[]> {
  const place = { Bucket: 'shop-failed-lines' };
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ ...place, Prefix: 'logs/' }));
  const bodies = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await clients.s3.send(new GetObjectCommand({ ...place, Key }));
      return gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString('utf8');
    }),
  );
  return bodies.flatMap((body) =>
    (JSON.parse(body) as { logEvents: { message: string }[] }).logEvents.map(({ message }) => message),
  );
}
