import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

const naming: Naming = {
  style: 'pascal',
  names: {
    ebs_enabled: 'EBSEnabled',
    ebs_options: 'EBSOptions',
    encrypt_at_rest: 'EncryptionAtRestOptions',
    enforce_https: 'EnforceHTTPS',
    master_user_arn: 'MasterUserARN',
    multi_az_with_standby_enabled: 'MultiAZWithStandbyEnabled',
    node_to_node_encryption: 'NodeToNodeEncryptionOptions',
    tls_security_policy: 'TLSSecurityPolicy',
    vpc_id: 'VPCId',
    vpc_options: 'VPCOptions',
  },
};

/** What a domain is told in the words of the schema; its logs are told otherwise. */
const fields = [
  'access_policies',
  'advanced_options',
  'advanced_security_options',
  'cluster_config',
  'cognito_options',
  'domain_endpoint_options',
  'ebs_options',
  'encrypt_at_rest',
  'node_to_node_encryption',
  'off_peak_window_options',
  'snapshot_options',
  'software_update_options',
  'vpc_options',
];

/** OpenSearch domains; records, since none runs locally. */
export const openSearchRows: Rows = {
  aws_opensearch_domain: {
    service: 'opensearch',
    create: [
      {
        command: 'CreateDomain',
        input: (value, at) => ({
          ...domain(value, at),
          ...(value.engine_version && { EngineVersion: value.engine_version }),
          TagList: tagList(allTags(value)),
        }),
        result: ({ DomainStatus }) => ({ id: plain(shape(DomainStatus).ARN) }),
      },
    ],
    read: [
      {
        command: 'DescribeDomain',
        input: named,
        state: ({ DomainStatus }, value, at) => domainState(shape(DomainStatus), value, at),
      },
    ],
    update: [
      {
        command: 'UpgradeDomain',
        names: ['engine_version'],
        input: (value) => ({ ...named(value), TargetVersion: value.engine_version }),
      },
      { command: 'UpdateDomainConfig', names: [...fields, 'log_publishing_options'], input: domain },
    ],
    delete: [{ command: 'DeleteDomain', input: named }],
    tags: tagsByArn(
      { arn: 'ARN', tags: 'TagList', keys: 'TagKeys', style: 'pascal' },
      { read: 'ListTags', set: 'AddTags', unset: 'RemoveTags' },
    ),
    settled: async (at, value) => {
      const { DomainStatus } = await at.call('opensearch', 'DescribeDomain', named(value));
      return shape(DomainStatus).Processing !== true;
    },
    import: (id) => ({ domain_name: id, id: id }),
  },
};

function named({ domain_name: name }: Known): Shape {
  return { DomainName: name };
}

function domain(value: Known, { block }: At): Shape {
  const { VPCOptions, ...sdk } = toSdk(block, value, naming, fields);
  const { SubnetIds, SecurityGroupIds } = shape(VPCOptions);
  const logs = shapes(value.log_publishing_options).map(
    ({ log_type: type, cloudwatch_log_group_arn: group, enabled }) =>
      [text(type), { CloudWatchLogsLogGroupArn: group, Enabled: enabled !== false }] as const,
  );
  return {
    ...named(value),
    ...sdk,
    ...(VPCOptions !== undefined && { VPCOptions: { SubnetIds, SecurityGroupIds } }),
    ...(logs.length > 0 && { LogPublishingOptions: Object.fromEntries(logs) }),
  };
}

function domainState(found: Shape, value: Known, { block }: At): ObjectValue {
  const endpoint = text(shape(found.Endpoints).vpc ?? found.Endpoint);
  const logs = Object.entries(shape(found.LogPublishingOptions)).map(([type, options]) => ({
    cloudwatch_log_group_arn: plain(shape(options).CloudWatchLogsLogGroupArn),
    enabled: shape(options).Enabled !== false,
    log_type: type,
  }));
  return {
    ...fromSdk(block, withoutOwn(found, value), naming, fields),
    arn: plain(found.ARN),
    dashboard_endpoint: `${endpoint}/_dashboards`,
    domain_id: plain(found.DomainId),
    domain_name: plain(found.DomainName),
    endpoint,
    engine_version: plain(found.EngineVersion),
    id: plain(found.ARN),
    log_publishing_options: logs,
  };
}

/** AWS answers also what it decides where nobody asked for it: an hour of snapshots, no cold storage. */
function withoutOwn({ SnapshotOptions, ClusterConfig, ...found }: Shape, value: Known): Shape {
  const { ColdStorageOptions, ...cluster } = shape(ClusterConfig);
  const isCold = first(first(value.cluster_config)?.cold_storage_options) !== undefined;
  return {
    ...found,
    ClusterConfig: isCold ? { ...cluster, ColdStorageOptions } : cluster,
    ...(first(value.snapshot_options) !== undefined && { SnapshotOptions }),
  };
}
