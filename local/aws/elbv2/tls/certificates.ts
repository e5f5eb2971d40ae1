import { X509Certificate } from 'node:crypto';
import { AwsFault } from '../../fault.ts';
import { makeSelfSigned } from './self-signed.ts';

/** What is known of a certificate; PEM texts. */
export interface CertificateMaterial {
  /** Host names it is for, the main one first. */
  domains: string[];
  certificatePem?: string;
  chainPem?: string;
  privateKeyPem?: string;
}

/** Where listeners get their certificates from: ACM and IAM. */
export interface CertificateSource {
  /** The certificate of an ARN, `undefined` when there is none. */
  find(arn: string, scope: { accountId: string; region: string }): Promise<CertificateMaterial | undefined>;
}

/** A certificate as a listener serves it. */
export interface ServedCertificate {
  arn: string;
  /** The certificate and its chain. */
  cert: string;
  key: string;
}

/** A source that has no certificates. */
export const noCertificates: CertificateSource = { find: async () => undefined };

/**
 * Gets a certificate ready to be served. One whose private key cannot be had is replaced by a self-signed one
 * for the same names. Throws `CertificateNotFound`.
 */
export async function readCertificate(
  source: CertificateSource,
  arn: string,
  scope: { accountId: string; region: string; now: number },
  randomBytes: (size: number) => Uint8Array,
): Promise<ServedCertificate> {
  const material = await source.find(arn, scope);
  if (!material) throw new AwsFault('CertificateNotFound', `Certificate '${arn}' not found`);
  const { certificatePem, chainPem, privateKeyPem, domains } = material;
  if (certificatePem && privateKeyPem) {
    return { arn, cert: [certificatePem, chainPem ?? ''].join('\n'), key: privateKeyPem };
  }
  const made = makeSelfSigned(domains, scope.now, randomBytes(8));
  return { arn, cert: made.certificatePem, key: made.privateKeyPem };
}

/**
 * The certificate for a server name: an exact match before a wildcard, the default one (the first) before
 * others and when none fits. Source: ELB user guide, "SSL certificates for your Application Load Balancer".
 */
export function selectCertificate(
  certificates: readonly ServedCertificate[],
  serverName: string,
): ServedCertificate | undefined {
  const fitting = certificates.flatMap((certificate) => {
    const match = new X509Certificate(certificate.cert).checkHost(serverName);
    return match === undefined ? [] : [{ certificate, isExact: !match.startsWith('*') }];
  });
  return (fitting.find(({ isExact }) => isExact) ?? fitting[0])?.certificate ?? certificates[0];
}
