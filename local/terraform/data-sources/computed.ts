import type { ObjectValue, Value } from '../protocol/value.ts';
import type { ProviderSettings } from '../provider/provider-settings.ts';
import { renderPolicyDocument } from './policy-document.ts';

/** Gives what a data source finds; results that are not named are left to the back end. */
export type ComputedDataSource = (config: ObjectValue, settings: ProviderSettings) => ObjectValue;

/** Data sources whose answer follows from their arguments and the provider block, whatever the back end. */
export const computedDataSources: Readonly<Record<string, ComputedDataSource>> = {
  aws_iam_policy_document: (config) => renderPolicyDocument(config),
  aws_partition: () => ({
    id: 'aws',
    partition: 'aws',
    dns_suffix: 'amazonaws.com',
    reverse_dns_prefix: 'com.amazonaws',
  }),
  aws_region: (config, settings) => {
    const region = text(config.region) ?? text(config.name) ?? settings.region;
    return {
      id: region,
      region,
      name: region,
      description: region,
      endpoint: `ec2.${region}.amazonaws.com`,
    };
  },
  aws_caller_identity: (_, { accountId }) => ({
    id: accountId,
    account_id: accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    user_id: accountId,
  }),
  aws_availability_zones: (_, { region }) => {
    const letters = ['a', 'b', 'c'];
    return {
      id: region,
      names: letters.map((letter) => region + letter),
      zone_ids: letters.map((_letter, index) => `${zonePrefix(region)}-az${index + 1}`),
      group_names: [region],
    };
  },
  aws_default_tags: (_, { defaultTags }) => ({ id: 'default', tags: { ...defaultTags } }),
  aws_service_principal: (config, settings) => {
    const service = text(config.service_name) ?? '';
    const name = `${service}.amazonaws.com`;
    return {
      id: name,
      name,
      service_name: service,
      suffix: 'amazonaws.com',
      region: text(config.region) ?? settings.region,
    };
  },
  aws_canonical_user_id: () => ({ id: 'c'.repeat(64), display_name: 'account' }),
  aws_arn: (config) => {
    const [, partition = '', service = '', region = '', account = '', ...rest] = (
      text(config.arn) ?? ''
    ).split(':');
    return { id: config.arn ?? null, partition, service, region, account, resource: rest.join(':') };
  },
};

/** `use1` for `us-east-1`. */
function zonePrefix(region: string): string {
  const [area = '', direction = '', number = ''] = region.split('-');
  return `${area}${direction.charAt(0)}${number}`;
}

function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
