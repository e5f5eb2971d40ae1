import { expect, test } from '@jest/globals';
import { tryEcrHost } from '../../src/ecr/registry-host.ts';

test.each([
  ['123456789012.dkr.ecr.us-east-1.amazonaws.com', 'us-east-1'],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
  ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['123456789012.dkr-ecr.eu-west-1.on.aws', 'eu-west-1'],
])('knows %s as a registry', (host, region) => {
  expect(tryEcrHost(host)).toEqual({ registryId: '123456789012', region });
});

test.each([
  'docker.io',
  'public.ecr.aws',
  '127.0.0.1:4566',
  '123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example',
  'x123456789012.dkr.ecr.us-east-1.amazonaws.com',
])('knows %s as none', (host) => {
  expect(tryEcrHost(host)).toBeUndefined();
});
