import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { At, Known, Look, Row, Rows, Step } from '../row.ts';
import { completed, fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

const naming: Naming = {
  style: 'pascal',
  names: {
    kms_master_key_id: 'KMSMasterKeyID',
    sse_algorithm: 'SSEAlgorithm',
    id: 'ID',
    restrict_public_buckets: 'RestrictPublicBuckets',
    ignore_public_acls: 'IgnorePublicAcls',
    mfa_delete: 'MFADelete',
  },
};
const accessFlags = [
  'block_public_acls',
  'block_public_policy',
  'ignore_public_acls',
  'restrict_public_buckets',
];
const loggingFields = ['target_bucket', 'target_prefix'];

export const s3Rows: Rows = {
  aws_s3_bucket: {
    service: 's3',
    create: [
      {
        command: 'CreateBucket',
        input: (value, { settings }) =>
          present({
            Bucket: value.bucket,
            ObjectLockEnabledForBucket: value.object_lock_enabled === true ? true : undefined,
            CreateBucketConfiguration:
              settings.region === 'us-east-1' ? undefined : { LocationConstraint: settings.region },
          }),
        result: (_, { bucket }) => ({ id: bucket ?? null }),
      },
      { ...putTags(), when: (value) => tagList(allTags(value)) !== undefined },
    ],
    read: [
      {
        command: 'HeadBucket',
        input: named,
        state: (_, { id }, { settings }) => ({
          arn: `arn:aws:s3:::${text(id)}`,
          bucket: id ?? null,
          bucket_domain_name: `${text(id)}.s3.amazonaws.com`,
          bucket_region: settings.region,
          bucket_regional_domain_name: `${text(id)}.s3.${settings.region}.amazonaws.com`,
          hosted_zone_id: 'Z3AQBSTGFYJSTF',
        }),
      },
      {
        command: 'GetBucketTagging',
        input: named,
        state: ({ TagSet }) => ({ tags: tagsOf(TagSet) }),
        absent: { tags: {} },
      },
    ],
    update: [],
    delete: [
      {
        command: 'DeleteBucket',
        when: ({ force_destroy: isForced }) => isForced !== true,
        input: named,
      },
    ],
    gone: async (at, { id, force_destroy: isForced }) => isForced !== true || (await emptied(at, text(id))),
    tags: {
      set: {
        command: 'PutBucketTagging',
        input: (value) => ({ Bucket: value.id, Tagging: { TagSet: tagList(allTags(value)) ?? [] } }),
      },
      unset: {
        command: 'PutBucketTagging',
        input: (value) => ({ Bucket: value.id, Tagging: { TagSet: tagList(allTags(value)) ?? [] } }),
      },
    },
    import: (id) => ({ bucket: id }),
  },
  aws_s3_bucket_versioning: part('BucketVersioning', {
    put: (value, { block }) => {
      const { VersioningConfiguration } = toSdk(block, value, naming, ['versioning_configuration']);
      return { VersioningConfiguration: present({ Status: shape(VersioningConfiguration).Status }) };
    },
    state: ({ Status }) =>
      Status === undefined
        ? null
        : { versioning_configuration: [{ status: plain(Status), mfa_delete: null }] },
    drop: null,
  }),
  aws_s3_bucket_public_access_block: part('PublicAccessBlock', {
    put: (value, { block }) => ({ PublicAccessBlockConfiguration: toSdk(block, value, naming, accessFlags) }),
    state: ({ PublicAccessBlockConfiguration: found }, { block }) =>
      fromSdk(block, shape(found), naming, accessFlags),
    drop: 'DeletePublicAccessBlock',
  }),
  aws_s3_bucket_server_side_encryption_configuration: part('BucketEncryption', {
    put: (value, at) => ({ ServerSideEncryptionConfiguration: { Rules: rulesOf(value, at) } }),
    state: ({ ServerSideEncryptionConfiguration: found }, at) => ({
      rule: ruleBlocks(shape(found).Rules, at),
    }),
    drop: 'DeleteBucketEncryption',
  }),
  aws_s3_bucket_ownership_controls: part('BucketOwnershipControls', {
    put: (value, at) => ({ OwnershipControls: { Rules: rulesOf(value, at) } }),
    state: ({ OwnershipControls: found }, at) => ({ rule: ruleBlocks(shape(found).Rules, at) }),
    drop: 'DeleteBucketOwnershipControls',
  }),
  aws_s3_bucket_lifecycle_configuration: part('BucketLifecycleConfiguration', {
    put: (value, at) => ({ LifecycleConfiguration: { Rules: lifecycleRules(value, at) } }),
    state: (found, at, value) => ({ rule: lifecycleBlocks(found.Rules, at, value) }),
    drop: 'DeleteBucketLifecycle',
  }),
  aws_s3_bucket_policy: part('BucketPolicy', {
    put: ({ policy }) => ({ Policy: policy }),
    state: ({ Policy }) => ({ policy: plain(Policy) }),
    drop: 'DeleteBucketPolicy',
  }),
  aws_s3_bucket_cors_configuration: part('BucketCors', {
    put: (value) => ({ CORSConfiguration: { CORSRules: corsRules(value) } }),
    state: ({ CORSRules }, { block }): ObjectValue => {
      const inner = block.block_types.cors_rule?.block;
      return inner
        ? { cors_rule: shapes(CORSRules).map((rule) => completed(inner, fromSdk(inner, rule, naming))) }
        : {};
    },
    drop: 'DeleteBucketCors',
  }),
  aws_s3_bucket_logging: {
    ...part('BucketLogging', {
      put: (value, { block }) => ({
        BucketLoggingStatus: { LoggingEnabled: toSdk(block, value, naming, loggingFields) },
      }),
      state: ({ LoggingEnabled: found }, { block }) =>
        found === undefined ? null : fromSdk(block, shape(found), naming, loggingFields),
      drop: null,
    }),
    delete: [
      { command: 'PutBucketLogging', input: (value) => ({ ...named(value), BucketLoggingStatus: {} }) },
    ],
  },
};

type Part = {
  put: (value: Known, at: At) => Shape;
  state: (answer: Shape, at: At, value: Known) => ObjectValue | null;
  /** Operation that takes the part away; `null` where it stays as it is until its bucket goes. */
  drop: string | null;
};

/** A part of a bucket that is a resource of its own in Terraform. */
function part(noun: string, { put, state, drop }: Part): Row {
  const step: Step = {
    command: `Put${noun}`,
    input: (value, at) => ({ Bucket: value.bucket, ...put(value, at) }),
  };
  const look: Look = {
    command: `Get${noun}`,
    input: named,
    state: (answer, value, at) => {
      const found = state(answer, at, value);
      return found && { ...found, bucket: value.id ?? null };
    },
  };
  return {
    service: 's3',
    create: [{ ...step, result: (_, { bucket }) => ({ id: bucket ?? null }) }],
    read: [look],
    update: [step],
    delete: drop === null ? [] : [{ command: drop, input: named }],
    import: (id) => ({ bucket: id }),
  };
}

function named({ id, bucket }: Known): Shape {
  return { Bucket: id ?? bucket };
}

function putTags(): Step {
  return {
    command: 'PutBucketTagging',
    input: (value) => ({ Bucket: value.id, Tagging: { TagSet: tagList(allTags(value)) ?? [] } }),
  };
}

function rulesOf(value: Known, { block }: At): Shape[] {
  const { Rule } = toSdk(block, value, naming, ['rule']);
  return Array.isArray(Rule) ? shapes(Rule) : [shape(Rule)];
}

function ruleBlocks(rules: unknown, { block }: At): ObjectValue[] {
  const inner = block.block_types.rule?.block;
  return inner ? shapes(rules).map((rule) => completed(inner, fromSdk(inner, rule, naming))) : [];
}

/** Lists of at most one here are structures to S3, and the filter is one of several. */
function lifecycleRules(value: Known, at: At): Shape[] {
  return rulesOf(value, at).map(
    ({
      Filter,
      AbortIncompleteMultipartUpload,
      Expiration,
      NoncurrentVersionExpiration,
      Transition,
      NoncurrentVersionTransition,
      Prefix: _,
      ...rule
    }) =>
      present({
        ...rule,
        Filter: lifecycleFilter(shapes(Filter)[0]),
        AbortIncompleteMultipartUpload: shapes(AbortIncompleteMultipartUpload)[0],
        Expiration: shapes(Expiration)[0],
        NoncurrentVersionExpiration: shapes(NoncurrentVersionExpiration)[0],
        Transitions: Transition,
        NoncurrentVersionTransitions: NoncurrentVersionTransition,
      }),
  );
}

function lifecycleFilter(filter: Shape | undefined): Shape {
  if (filter === undefined) return { Prefix: '' };
  const [and] = shapes(filter.And);
  const [tag] = shapes(filter.Tag);
  if (and) return { And: present({ ...and, Tags: tagList(shape(and.Tags) as Record<string, string>) }) };
  if (tag) return { Tag: tag };
  return Object.keys(present(filter)).length > 0 ? present(filter) : { Prefix: '' };
}

/** The filter is kept as written where it is there: S3 answers an empty one in several ways. */
function lifecycleBlocks(rules: unknown, { block }: At, value: Known): Value {
  const inner = block.block_types.rule?.block;
  if (!inner) return [];
  const before = isList(value.rule) ? value.rule.filter(isObject) : [];
  return shapes(rules).map((rule) => {
    const { Transitions, NoncurrentVersionTransitions, Filter, ...rest } = rule;
    const renamed = {
      ...rest,
      Transition: Transitions,
      NoncurrentVersionTransition: NoncurrentVersionTransitions,
    };
    const known = before.find(({ id }) => id === rule.ID);
    const filter = known?.filter ?? filterBlocks(inner, Filter);
    return completed(inner, { ...fromSdk(inner, renamed, naming), filter, prefix: null });
  });
}

function filterBlocks(inner: At['block'], filter: unknown): Value {
  const block = inner.block_types.filter?.block;
  return block && filter !== undefined ? [completed(block, fromSdk(block, shape(filter), naming))] : [];
}

function corsRules({ cors_rule: rules }: Known): Shape[] {
  return (isList(rules) ? rules : []).filter(isObject).map((rule) =>
    present({
      ID: rule.id || undefined,
      AllowedHeaders: rule.allowed_headers,
      AllowedMethods: rule.allowed_methods,
      AllowedOrigins: rule.allowed_origins,
      ExposeHeaders: rule.expose_headers,
      MaxAgeSeconds: rule.max_age_seconds,
    }),
  );
}

/** Removes what is in a bucket, old versions too, and then the bucket. */
async function emptied(at: At, bucket: string): Promise<boolean> {
  const { Versions, DeleteMarkers, IsTruncated } = await at.call('s3', 'ListObjectVersions', {
    Bucket: bucket,
  });
  const Objects = [...shapes(Versions), ...shapes(DeleteMarkers)].map(({ Key, VersionId }) => ({
    Key,
    VersionId,
  }));
  if (Objects.length > 0) await at.call('s3', 'DeleteObjects', { Bucket: bucket, Delete: { Objects } });
  if (IsTruncated === true) return false;
  await at.call('s3', 'DeleteBucket', { Bucket: bucket });
  return true;
}
