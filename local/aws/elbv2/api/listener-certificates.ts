import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import type { RequestContext } from '../../wire/service.ts';
import type { ListenerRecord, TlsSettings } from '../records.ts';
import { findListener } from '../state.ts';
import type { ServedCertificate } from '../tls/certificates.ts';
import { DEFAULT_SSL_POLICY, describeSslPolicies, isSslPolicy } from '../tls/ssl-policies.ts';
import { pageOf } from './page.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { present, validationError } from './validation.ts';

type Operations =
  | 'AddListenerCertificates'
  | 'RemoveListenerCertificates'
  | 'DescribeListenerCertificates'
  | 'DescribeSSLPolicies';

/** Beside the default one. */
const MOST_CERTIFICATES = 25;

/** The certificates of HTTPS listeners beside the default one, and the security policies there are. */
export function listenerCertificateOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    async AddListenerCertificates({ ListenerArn = '', Certificates = [] }, context) {
      const tls = tlsOf(findListener(room.state.region(context), ListenerArn));
      const added = await readAll(room, Certificates, context);
      const isNew = ({ arn }: ServedCertificate) => !tls.certificates.some((known) => known.arn === arn);
      if (tls.certificates.length - 1 + added.filter(isNew).length > MOST_CERTIFICATES) {
        throw new AwsFault(
          'TooManyCertificates',
          `A listener can have at most '${MOST_CERTIFICATES}' certificates beside the default one`,
        );
      }
      tls.certificates.push(...added.filter(isNew));
      return { Certificates: added.map(({ arn }) => ({ CertificateArn: arn, IsDefault: false })) };
    },
    RemoveListenerCertificates({ ListenerArn = '', Certificates = [] }, context) {
      const tls = tlsOf(findListener(room.state.region(context), ListenerArn));
      const arns = Certificates.map(({ CertificateArn }) => CertificateArn ?? '');
      const [first, ...others] = tls.certificates;
      if (first && arns.includes(first.arn)) {
        throw new AwsFault(
          'OperationNotPermitted',
          'The default certificate of a listener cannot be removed',
        );
      }
      const left = others.filter(({ arn }) => !arns.includes(arn));
      tls.certificates = first ? [first, ...left] : left;
      return {};
    },
    DescribeListenerCertificates(input, context) {
      const listener = findListener(room.state.region(context), input.ListenerArn ?? '');
      const shown = (listener.tls?.certificates ?? []).map(({ arn }, index) => ({
        CertificateArn: arn,
        IsDefault: index === 0,
      }));
      const { items, NextMarker } = pageOf(shown, input);
      return { Certificates: items, NextMarker };
    },
    DescribeSSLPolicies(input) {
      for (const name of input.Names ?? []) assertSslPolicy(name);
      const { items, NextMarker } = pageOf(describeSslPolicies(input.Names ?? []), input);
      return { SslPolicies: items, NextMarker };
    },
  };
}

/** Checks what an HTTPS listener is to have, and gets its default certificate. */
export async function readTls(
  room: Room,
  { SslPolicy, Certificates = [] }: { SslPolicy?: string; Certificates?: Certificate[] },
  context: RequestContext,
): Promise<TlsSettings> {
  const policy = SslPolicy ?? DEFAULT_SSL_POLICY;
  assertSslPolicy(policy);
  if (Certificates.length !== 1) {
    throw validationError(
      Certificates.length === 0
        ? 'A certificate must be specified for HTTPS listeners'
        : 'You must specify exactly one certificate as the default; add others with AddListenerCertificates',
    );
  }
  return { policy, certificates: await readAll(room, Certificates, context) };
}

function assertSslPolicy(name: string): void {
  if (!isSslPolicy(name)) throw new AwsFault('SSLPolicyNotFound', `SSL policy '${name}' not found`);
}

function tlsOf({ tls }: ListenerRecord): TlsSettings {
  if (tls) return tls;
  throw validationError('Certificates can only be added to or removed from HTTPS listeners');
}

function readAll(
  room: Room,
  certificates: Certificate[],
  context: RequestContext,
): Promise<ServedCertificate[]> {
  const arns = certificates.map(({ CertificateArn }) =>
    present(CertificateArn, 'certificates.1.member.certificateArn'),
  );
  return Promise.all(arns.map((arn) => room.certificate(arn, context)));
}
