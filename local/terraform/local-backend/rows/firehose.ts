import { ProviderError } from '../../protocol/diagnostic.ts';
import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { Block } from '../../schema/provider-schema.ts';
import type { At, Known, Rows, Step } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, text, texts } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

const naming: Naming = {
  style: 'pascal',
  names: {
    bucket_arn: 'BucketARN',
    cloudwatch_logging_options: 'CloudWatchLoggingOptions',
    domain_arn: 'DomainARN',
    role_arn: 'RoleARN',
    s3_backup_mode: 'S3BackupMode',
  },
};

/** Arguments of a bucket, and of a domain, that have the same shape in Terraform and in the SDK. */
const bucketFields = [
  ...['bucket_arn', 'cloudwatch_logging_options', 'compression_format', 'error_output_prefix'],
  ...['prefix', 'role_arn'],
];
const domainFields = [
  ...['cloudwatch_logging_options', 'cluster_endpoint', 'document_id_options', 'domain_arn', 'index_name'],
  ...['index_rotation_period', 'processing_configuration', 'role_arn', 's3_backup_mode', 'type_name'],
];

const named = ({ name }: Known): Shape => ({ DeliveryStreamName: name });

/** Streams to an OpenSearch domain; what they carry lies in the bucket for what failed, since no domain answers. */
export const firehoseRows: Rows = {
  aws_kinesis_firehose_delivery_stream: {
    service: 'firehose',
    create: [
      {
        command: 'CreateDeliveryStream',
        input: (value, at) =>
          present({
            ...named(value),
            DeliveryStreamType: 'DirectPut',
            DeliveryStreamEncryptionConfigurationInput: isEncrypted(value) ? encryption(value) : undefined,
            AmazonopensearchserviceDestinationConfiguration: destination(value, at, 'Configuration'),
            Tags: tagList(allTags(value)),
          }),
        result: ({ DeliveryStreamARN }) => ({ id: plain(DeliveryStreamARN) }),
      },
    ],
    read: [
      {
        command: 'DescribeDeliveryStream',
        input: named,
        state: ({ DeliveryStreamDescription }, value, at) =>
          streamState(shape(DeliveryStreamDescription), value, at),
      },
    ],
    update: [
      {
        command: 'UpdateDestination',
        names: ['opensearch_configuration'],
        input: (value, at, prior = {}) => ({
          ...named(value),
          CurrentDeliveryStreamVersionId: prior.version_id,
          DestinationId: prior.destination_id,
          AmazonopensearchserviceDestinationUpdate: destination(value, at, 'Update'),
        }),
      },
      encrypt(true),
      encrypt(false),
    ],
    delete: [{ command: 'DeleteDeliveryStream', input: named }],
    tags: {
      read: { command: 'ListTagsForDeliveryStream', input: named, tags: ({ Tags }) => tagsOf(Tags) },
      set: {
        command: 'TagDeliveryStream',
        input: (value, tags) => ({ ...named(value), Tags: tagList(tags) }),
      },
      unset: {
        command: 'UntagDeliveryStream',
        input: (value, TagKeys) => ({ ...named(value), TagKeys }),
      },
    },
    settled: async (at, value) => {
      const { DeliveryStreamDescription } = await at.call('firehose', 'DescribeDeliveryStream', named(value));
      return shape(DeliveryStreamDescription).DeliveryStreamStatus === 'ACTIVE';
    },
    import: (id) => ({ arn: id, name: id.replace(/^.*\//, '') }),
  },
};

/** The stream's destination for a call that makes or changes it; its network cannot be changed. */
function destination(value: Known, { block }: At, use: 'Configuration' | 'Update'): Shape {
  const inner = block.block_types.opensearch_configuration?.block;
  const [written] = blocks(value.opensearch_configuration);
  if (inner === undefined || written === undefined || value.destination !== 'opensearch')
    throw new ProviderError(
      `The local back end has no stream to ${text(value.destination)}`,
      'Write destination = "opensearch", or add the destination to local/terraform/local-backend/rows/firehose.ts.',
    );
  const [network] = blocks(written.vpc_config);
  return present({
    ...toSdk(inner, written, naming, domainFields),
    BufferingHints: buffering(written),
    RetryOptions: written.retry_duration === null ? undefined : { DurationInSeconds: written.retry_duration },
    [`S3${use}`]: bucket(inner.block_types.s3_configuration?.block, blocks(written.s3_configuration)[0]),
    VpcConfiguration:
      network === undefined || use === 'Update'
        ? undefined
        : {
            RoleARN: network.role_arn,
            SecurityGroupIds: network.security_group_ids,
            SubnetIds: network.subnet_ids,
          },
  });
}

function bucket(block: Block | undefined, written: ObjectValue | undefined): Shape {
  if (block === undefined || written === undefined) return {};
  const key = written.kms_key_arn;
  return present({
    ...toSdk(block, written, naming, bucketFields),
    BufferingHints: buffering(written),
    EncryptionConfiguration: key ? { KMSEncryptionConfig: { AWSKMSKeyARN: key } } : undefined,
  });
}

/** Seconds and megabytes until what has come in is sent on. */
function buffering({ buffering_interval: seconds, buffering_size: megabytes }: ObjectValue) {
  const hints = present({ IntervalInSeconds: seconds, SizeInMBs: megabytes });
  return Object.keys(hints).length > 0 ? hints : undefined;
}

function streamState(found: Shape, value: Known, { block }: At): ObjectValue {
  const { DestinationId, AmazonopensearchserviceDestinationDescription: told } =
    first(found.Destinations) ?? {};
  const inner = block.block_types.opensearch_configuration?.block;
  const state = inner && told ? [domainState(shape(told), inner)] : [];
  return {
    arn: plain(found.DeliveryStreamARN),
    destination: state.length > 0 ? 'opensearch' : null,
    destination_id: plain(DestinationId),
    id: plain(found.DeliveryStreamARN),
    name: plain(found.DeliveryStreamName),
    opensearch_configuration: state,
    server_side_encryption: encryptionState(shape(found.DeliveryStreamEncryptionConfiguration), value),
    version_id: plain(found.VersionId),
  };
}

function domainState(told: Shape, block: Block): ObjectValue {
  const kept = shape(told.S3DestinationDescription);
  const { KMSEncryptionConfig } = shape(kept.EncryptionConfiguration);
  const s3 = block.block_types.s3_configuration?.block;
  const network = shape(told.VpcConfigurationDescription);
  return {
    ...fromSdk(block, told, naming, domainFields),
    ...bufferingState(told),
    retry_duration: plain(shape(told.RetryOptions).DurationInSeconds),
    s3_configuration: [
      {
        ...(s3 && fromSdk(s3, kept, naming, bucketFields)),
        ...bufferingState(kept),
        kms_key_arn: plain(shape(KMSEncryptionConfig).AWSKMSKeyARN),
      },
    ],
    vpc_config:
      told.VpcConfigurationDescription === undefined
        ? []
        : [
            {
              role_arn: plain(network.RoleARN),
              security_group_ids: texts(network.SecurityGroupIds),
              subnet_ids: texts(network.SubnetIds),
              vpc_id: plain(network.VpcId),
            },
          ],
  };
}

function bufferingState({ BufferingHints }: Shape): ObjectValue {
  const { IntervalInSeconds, SizeInMBs } = shape(BufferingHints);
  return { buffering_interval: plain(IntervalInSeconds), buffering_size: plain(SizeInMBs) };
}

const isEncrypted = ({ server_side_encryption: written }: Known): boolean =>
  blocks(written)[0]?.enabled === true;

function encryption({ server_side_encryption: written }: Known): Shape {
  const { key_type: type, key_arn: arn } = blocks(written)[0] ?? {};
  return present({ KeyType: type ?? 'AWS_OWNED_CMK', KeyARN: arn || undefined });
}

function encrypt(isOn: boolean): Step {
  return {
    command: isOn ? 'StartDeliveryStreamEncryption' : 'StopDeliveryStreamEncryption',
    names: ['server_side_encryption'],
    when: (value) => isEncrypted(value) === isOn,
    input: (value) =>
      isOn
        ? { ...named(value), DeliveryStreamEncryptionConfigurationInput: encryption(value) }
        : named(value),
  };
}

/** Off and not written are the same to AWS: the state keeps the words of the configuration. */
function encryptionState(found: Shape, { server_side_encryption: written }: Known): Value {
  if (found.KeyType === undefined || found.Status === 'DISABLED')
    return blocks(written)[0]?.enabled === true ? [] : (written ?? []);
  return [{ enabled: true, key_arn: plain(found.KeyARN), key_type: plain(found.KeyType) }];
}

function blocks(value: Value | undefined): ObjectValue[] {
  return (isList(value) ? value : []).filter(isObject);
}
