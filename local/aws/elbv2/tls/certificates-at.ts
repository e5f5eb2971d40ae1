import { X509Certificate } from 'node:crypto';
import { GetServerCertificateCommand, IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import { backendHeaders } from '../backend-headers.ts';
import type { CertificateMaterial, CertificateSource } from './certificates.ts';
import type { ImportedKeys } from './imported-keys.ts';

type Scope = { accountId: string; region: string };

const certificateArn =
  /^arn:aws[a-z-]*:(acm|iam):([a-z0-9-]*):(\d{12}):(certificate|server-certificate)\/(.+)$/;

/**
 * Reads certificates of ACM and IAM over their APIs at `endpoint`, with the private keys that `keys` has
 * heard of. Two calls a certificate of ACM, one a server certificate of IAM. A certificate of another
 * account or, in ACM, another Region is not found, as on AWS.
 */
export function certificatesAt(endpoint: string, keys: ImportedKeys): CertificateSource {
  return {
    async find(arn, scope) {
      const [, service, region, accountId, , name = ''] = certificateArn.exec(arn) ?? [];
      if (accountId !== scope.accountId) return undefined;
      if (service === 'iam')
        return readServerCertificate(endpoint, name.split('/').at(-1) ?? '', scope, keys);
      return region === scope.region ? readAcmCertificate(endpoint, arn, scope, keys) : undefined;
    },
  };
}

async function readAcmCertificate(
  endpoint: string,
  CertificateArn: string,
  scope: Scope,
  keys: ImportedKeys,
): Promise<CertificateMaterial | undefined> {
  const described = await askAcm(endpoint, 'DescribeCertificate', { CertificateArn }, scope);
  if (!described) return undefined;
  const { DomainName, SubjectAlternativeNames } = recordOf(described.Certificate);
  const alternatives: unknown[] = Array.isArray(SubjectAlternativeNames) ? SubjectAlternativeNames : [];
  const domains = [DomainName, ...alternatives].filter((name) => typeof name === 'string');
  const got = await askAcm(endpoint, 'GetCertificate', { CertificateArn }, scope);
  const certificatePem = textOf(got, 'Certificate');
  const privateKeyPem = certificatePem && keys.privateKeyOf(certificatePem);
  return {
    domains: [...new Set(domains)],
    certificatePem,
    chainPem: textOf(got, 'CertificateChain'),
    privateKeyPem,
  };
}

async function readServerCertificate(
  endpoint: string,
  ServerCertificateName: string,
  { accountId }: Scope,
  keys: ImportedKeys,
): Promise<CertificateMaterial | undefined> {
  const credentials = { accessKeyId: accountId, secretAccessKey: 'local' };
  const client = new IAMClient({ endpoint, region: 'us-east-1', credentials });
  try {
    const answer = await client.send(new GetServerCertificateCommand({ ServerCertificateName }));
    const { CertificateBody: certificatePem, CertificateChain: chainPem } = answer.ServerCertificate ?? {};
    if (!certificatePem) return undefined;
    const domains = namesOf(certificatePem);
    return {
      domains: [...new Set(domains)],
      certificatePem,
      chainPem,
      privateKeyPem: keys.privateKeyOf(certificatePem),
    };
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

function namesOf(certificatePem: string): string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(certificatePem);
  const alternatives = [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name);
  const common = /^CN=(.+)$/m.exec(subject)?.[1];
  return [...new Set([...(common === undefined ? [] : [common]), ...alternatives])];
}

/** One call of ACM's JSON protocol; `undefined` when it answers that there is no such certificate. */
async function askAcm(
  endpoint: string,
  operation: string,
  input: object,
  scope: Scope,
): Promise<Record<string, unknown> | undefined> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `CertificateManager.${operation}`,
      ...backendHeaders(scope, 'acm'),
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (response.ok) return recordOf(JSON.parse(text));
  if (/ResourceNotFound|CertificateNotFound|ValidationException/.test(text)) return undefined;
  throw new Error(`ACM at ${endpoint} answered ${operation} with ${response.status}: ${text.slice(0, 200)}`);
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const textOf = (answer: Record<string, unknown> | undefined, name: string): string | undefined => {
  const value = answer?.[name];
  return typeof value === 'string' ? value : undefined;
};
