import { ProviderError } from '../protocol/diagnostic.ts';
import type { ObjectValue } from '../protocol/value.ts';
import type { At, Known } from './row.ts';
import { first, plain, type Shape, shape, shapes, text } from './shape.ts';
import { tagsOf } from './tags.ts';

/** Looks something up on the local AWS for a data source or an ephemeral resource. */
export type DataLook = (at: At, config: Known) => Promise<ObjectValue>;

/** Every data source and ephemeral resource that can be read on the local AWS, beside those that are computed. */
export const dataRows: Readonly<Record<string, DataLook>> = {
  aws_ssm_parameter: async (at, { name: written, arn }) => {
    // The ephemeral resource knows the parameter by its ARN only.
    const name = written ?? text(arn).replace(/^arn:[^/]*:parameter/, '');
    const { Parameter } = await at.call('ssm', 'GetParameter', { Name: name, WithDecryption: true });
    const found = shape(Parameter);
    const value = plain(found.Value);
    return {
      id: name,
      name,
      arn: plain(found.ARN),
      type: plain(found.Type),
      value,
      insecure_value: found.Type === 'SecureString' ? '' : value,
      version: plain(found.Version),
    };
  },
  aws_secretsmanager_secret: async (at, { name, arn }) => {
    const found = await at.call('secrets', 'DescribeSecret', { SecretId: name ?? arn });
    return {
      id: plain(found.ARN),
      arn: plain(found.ARN),
      name: plain(found.Name),
      description: plain(found.Description),
      kms_key_id: plain(found.KmsKeyId),
      tags: tagsOf(found.Tags),
    };
  },
  aws_secretsmanager_secret_version: async (at, { secret_id: id, version_stage: stage }) => {
    const VersionStage = stage ?? 'AWSCURRENT';
    const found = await at.call('secrets', 'GetSecretValue', { SecretId: id, VersionStage });
    return {
      id: `${text(id)}|${text(VersionStage)}`,
      arn: plain(found.ARN),
      secret_string: plain(found.SecretString),
      version_id: plain(found.VersionId),
      version_stage: VersionStage,
    };
  },
  aws_secretsmanager_random_password: async (at, config) => {
    const { RandomPassword } = await at.call('secrets', 'GetRandomPassword', {
      ...(config.password_length !== null && { PasswordLength: config.password_length }),
      ...(config.exclude_punctuation === true && { ExcludePunctuation: true }),
    });
    return { random_password: plain(RandomPassword) };
  },
  aws_ecr_repository: async (at, { name }) => {
    const { repositories } = await at.call('ecr', 'DescribeRepositories', { repositoryNames: [name] });
    const found = first(repositories) ?? {};
    return {
      id: name ?? null,
      arn: plain(found.repositoryArn),
      registry_id: plain(found.registryId),
      repository_url: plain(found.repositoryUri),
    };
  },
  aws_ecr_image: async (at, { repository_name: repository, image_tag: tag, image_digest: digest }) => {
    const imageIds =
      tag || digest ? { imageIds: [digest ? { imageDigest: digest } : { imageTag: tag }] } : {};
    const { imageDetails } = await at.call('ecr', 'DescribeImages', {
      repositoryName: repository,
      ...imageIds,
    });
    const newest = shapes(imageDetails).sort((left, right) => pushedAt(right) - pushedAt(left))[0] ?? {};
    const { repositories } = await at.call('ecr', 'DescribeRepositories', { repositoryNames: [repository] });
    return {
      id: plain(newest.imageDigest),
      image_digest: plain(newest.imageDigest),
      image_uri: `${text(first(repositories)?.repositoryUri)}@${text(newest.imageDigest)}`,
    };
  },
  aws_kms_alias: async (at, { name }) => {
    const { Aliases } = await at.call('kms', 'ListAliases', {});
    const found = shapes(Aliases).find(({ AliasName }) => AliasName === name) ?? {};
    return { id: plain(found.AliasArn), arn: plain(found.AliasArn), target_key_id: plain(found.TargetKeyId) };
  },
  aws_iam_role: async (at, { name }) => {
    const { Role } = await at.call('iam', 'GetRole', { RoleName: name });
    return { id: name ?? null, arn: plain(shape(Role).Arn), unique_id: plain(shape(Role).RoleId) };
  },
  aws_iam_policy: async (at, { arn }) => {
    const { Policy } = await at.call('iam', 'GetPolicy', { PolicyArn: arn });
    return { id: arn ?? null, arn: arn ?? null, name: plain(shape(Policy).PolicyName) };
  },
  aws_iam_openid_connect_provider: async (at, { url, arn }) => {
    const { OpenIDConnectProviderList } = await at.call('iam', 'ListOpenIDConnectProviders', {});
    const host = text(url).replace(/^https:\/\//, '');
    const found = shapes(OpenIDConnectProviderList).find(
      ({ Arn }) => Arn === arn || text(Arn).endsWith(`/${host}`),
    );
    if (found === undefined) throw missing(`no OpenID Connect provider for ${text(url ?? arn)}`);
    return { id: plain(found.Arn), arn: plain(found.Arn), url: host };
  },
  aws_sqs_queue: async (at, { name }) => {
    const { QueueUrl } = await at.call('sqs', 'GetQueueUrl', { QueueName: name });
    const { Attributes } = await at.call('sqs', 'GetQueueAttributes', {
      QueueUrl,
      AttributeNames: ['QueueArn'],
    });
    return { id: plain(QueueUrl), url: plain(QueueUrl), arn: plain(shape(Attributes).QueueArn) };
  },
  aws_ecs_cluster: async (at, { cluster_name: name }) => {
    const { clusters } = await at.call('ecs', 'DescribeClusters', { clusters: [name] });
    const found = first(clusters);
    if (found === undefined) throw missing(`no cluster ${text(name)}`);
    return { id: plain(found.clusterArn), arn: plain(found.clusterArn), status: plain(found.status) };
  },
  aws_lb: async (at, { name, arn }) => {
    const { LoadBalancers } = await at.call(
      'elbv2',
      'DescribeLoadBalancers',
      name ? { Names: [name] } : { LoadBalancerArns: [arn] },
    );
    const found = first(LoadBalancers) ?? {};
    return {
      id: plain(found.LoadBalancerArn),
      arn: plain(found.LoadBalancerArn),
      arn_suffix: text(found.LoadBalancerArn).replace(/^.*:loadbalancer\//, ''),
      dns_name: plain(found.DNSName),
      name: plain(found.LoadBalancerName),
      zone_id: plain(found.CanonicalHostedZoneId),
    };
  },
  aws_vpc: async (at, config) => {
    const found = await describeOne(at, 'DescribeVpcs', 'Vpcs', filtersOf(config));
    return { id: plain(found.VpcId), cidr_block: plain(found.CidrBlock) };
  },
  aws_subnets: async (at, config) => {
    const { Subnets } = await at.call('ec2', 'DescribeSubnets', { Filters: filtersOf(config) });
    return { id: at.settings.region, ids: shapes(Subnets).map(({ SubnetId }) => text(SubnetId)) };
  },
  aws_ami: async (at, config) => {
    const { Images } = await at.call('ec2', 'DescribeImages', { Filters: filtersOf(config) });
    const { Images: any } =
      shapes(Images).length > 0 ? { Images } : await at.call('ec2', 'DescribeImages', {});
    const found = first(any);
    if (found === undefined) throw missing('no machine image');
    return { id: plain(found.ImageId), image_id: plain(found.ImageId), name: plain(found.Name) };
  },
  aws_ec2_managed_prefix_list: async (at, { name }) => {
    const Filters = [{ Name: 'prefix-list-name', Values: [name] }];
    const found = await describeOne(at, 'DescribeManagedPrefixLists', 'PrefixLists', Filters);
    return { id: plain(found.PrefixListId), arn: plain(found.PrefixListArn) };
  },
};

async function describeOne(at: At, command: string, list: string, Filters: Shape[]): Promise<Shape> {
  const answer = await at.call('ec2', command, { Filters });
  const found = first(answer[list]);
  if (found === undefined) throw missing(`${command} finds nothing for ${JSON.stringify(Filters)}`);
  return found;
}

function filtersOf(config: Known): Shape[] {
  const id = config.id ? [{ Name: 'vpc-id', Values: [config.id] }] : [];
  const written = shapes(config.filter).map(({ name, values }) => ({ Name: name, Values: values }));
  const tags = Object.entries(shape(config.tags)).map(([key, value]) => ({
    Name: `tag:${key}`,
    Values: [value],
  }));
  return [...id, ...written, ...tags];
}

function pushedAt({ imagePushedAt }: Shape): number {
  return imagePushedAt instanceof Date ? imagePushedAt.getTime() : 0;
}

function missing(what: string): ProviderError {
  return new ProviderError('Nothing found', `The local AWS has ${what}.`);
}
