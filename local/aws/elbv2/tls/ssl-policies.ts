import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';

type Version = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

interface PolicyRecord {
  versions: readonly Version[];
  ciphers: readonly string[];
}

const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const ECDHE_GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];
const ECDHE_CBC = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
];
const ECDHE_SHA1 = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
];
const RSA = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256'];
const RSA_SHA1 = ['AES128-SHA', 'AES256-SHA'];

const all = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const from = (first: Version, last: Version = 'TLSv1.3') =>
  all.slice(all.indexOf(first), all.indexOf(last) + 1);

/** Source: ELB user guide, "Security policies for your Application Load Balancer" (read 2026-11). */
const policies: Readonly<Record<string, PolicyRecord>> = {
  'ELBSecurityPolicy-2016-08': {
    versions: from('TLSv1', 'TLSv1.2'),
    ciphers: [...ECDHE_GCM, ...ECDHE_CBC, ...ECDHE_SHA1, ...RSA, ...RSA_SHA1],
  },
  'ELBSecurityPolicy-TLS-1-1-2017-01': {
    versions: from('TLSv1.1', 'TLSv1.2'),
    ciphers: [...ECDHE_GCM, ...ECDHE_CBC, ...ECDHE_SHA1, ...RSA, ...RSA_SHA1],
  },
  'ELBSecurityPolicy-TLS-1-2-2017-01': {
    versions: ['TLSv1.2'],
    ciphers: [...ECDHE_GCM, ...ECDHE_CBC, ...RSA],
  },
  'ELBSecurityPolicy-TLS-1-2-Ext-2018-06': {
    versions: ['TLSv1.2'],
    ciphers: [...ECDHE_GCM, ...ECDHE_CBC, ...ECDHE_SHA1, ...RSA, ...RSA_SHA1],
  },
  'ELBSecurityPolicy-FS-1-2-Res-2020-10': { versions: ['TLSv1.2'], ciphers: ECDHE_GCM },
  'ELBSecurityPolicy-TLS13-1-0-2021-06': {
    versions: from('TLSv1'),
    ciphers: [...TLS13, ...ECDHE_GCM, ...ECDHE_CBC, ...ECDHE_SHA1, ...RSA, ...RSA_SHA1],
  },
  'ELBSecurityPolicy-TLS13-1-1-2021-06': {
    versions: from('TLSv1.1'),
    ciphers: [...TLS13, ...ECDHE_GCM, ...ECDHE_CBC, ...ECDHE_SHA1, ...RSA, ...RSA_SHA1],
  },
  'ELBSecurityPolicy-TLS13-1-2-2021-06': {
    versions: from('TLSv1.2'),
    ciphers: [...TLS13, ...ECDHE_GCM, ...ECDHE_CBC],
  },
  'ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06': {
    versions: from('TLSv1.2'),
    ciphers: [...TLS13, ...ECDHE_GCM, ...ECDHE_CBC, ...RSA],
  },
  'ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06': {
    versions: from('TLSv1.2'),
    ciphers: [...TLS13, ...ECDHE_GCM, ...ECDHE_CBC, ...ECDHE_SHA1, ...RSA, ...RSA_SHA1],
  },
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06': {
    versions: from('TLSv1.2'),
    ciphers: [...TLS13, ...ECDHE_GCM],
  },
  'ELBSecurityPolicy-TLS13-1-3-2021-06': { versions: ['TLSv1.3'], ciphers: TLS13 },
};

/** What a listener has that names no policy. */
export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

export const isSslPolicy = (name: string): boolean => Object.hasOwn(policies, name);

/** The policies of those names, all without names, as DescribeSSLPolicies shows them. */
export function describeSslPolicies(names: readonly string[]): SslPolicy[] {
  return Object.entries(policies)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([Name, { versions, ciphers }]) => ({
      Name,
      SslProtocols: [...versions],
      Ciphers: ciphers.map((Cipher, index) => ({ Name: Cipher, Priority: index + 1 })),
      SupportedLoadBalancerTypes: ['application', 'network'],
    }));
}

/** What of a policy Node's TLS takes. TLS 1.0 and 1.1, which OpenSSL no longer speaks, begin at 1.2 here. */
export function tlsOptionsOf(name: string) {
  const { versions, ciphers } = policies[name] ?? { versions: from('TLSv1.2'), ciphers: ECDHE_GCM };
  return {
    minVersion: versions.includes('TLSv1.2') ? ('TLSv1.2' as const) : ('TLSv1.3' as const),
    maxVersion: versions.includes('TLSv1.3') ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    ciphers: ciphers.join(':'),
    honorCipherOrder: true,
  };
}
