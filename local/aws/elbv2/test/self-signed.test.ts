import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type ServedCertificate, selectCertificate } from '../tls/certificates.ts';
import { createImportedKeys } from '../tls/imported-keys.ts';
import { makeSelfSigned } from '../tls/self-signed.ts';

const now = Date.UTC(2026, 10, 21);
const make = (...names: string[]) => makeSelfSigned(names, now, new Uint8Array([1, 2, 3, 4]));

describe('a self-signed certificate', () => {
  test('is for its names and addresses, signed by its own key, for 825 days', () => {
    const { certificatePem, privateKeyPem } = make('shop.test', '*.shop.test', '127.0.0.1');
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.subject).toBe('CN=shop.test');
    expect(certificate.subjectAltName).toBe('DNS:shop.test, DNS:*.shop.test, IP Address:127.0.0.1');
    expect(certificate.verify(createPublicKey(certificatePem))).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
    expect(certificate.checkHost('www.shop.test')).toBe('*.shop.test');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect([certificate.validFromDate, certificate.validToDate].map((date) => date.getTime())).toEqual([
      now - 86_400_000,
      now + 825 * 86_400_000,
    ]);
    expect(certificate.serialNumber).toBe('0101020304');
  });

  test('takes more names than fit a short length', () => {
    const names = Array.from({ length: 40 }, (_, index) => `host-${index}.example.com`);
    expect(new X509Certificate(make(...names).certificatePem).checkHost('host-39.example.com')).toBeDefined();
  });
});

describe('the certificate for a server name', () => {
  const served = (arn: string, ...names: string[]): ServedCertificate => {
    const { certificatePem, privateKeyPem } = make(...names);
    return { arn, cert: certificatePem, key: privateKeyPem };
  };
  const certificates = [
    served('default', 'default.test', '*.both.test'),
    served('wild', '*.shop.test'),
    served('exact', 'api.shop.test'),
    served('second', '*.both.test'),
  ];

  test.each([
    ['api.shop.test', 'exact'],
    ['www.shop.test', 'wild'],
    ['www.both.test', 'default'],
    ['elsewhere.test', 'default'],
    ['a.www.shop.test', 'default'],
  ])('%s is %s', (name, arn) => {
    expect(selectCertificate(certificates, name)?.arn).toBe(arn);
  });

  test('is none where there is none', () => {
    expect(selectCertificate([], 'a')).toBeUndefined();
  });
});

describe('imported keys', () => {
  const { certificatePem, privateKeyPem } = make('a.test');
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const json = { Certificate: base64(certificatePem), PrivateKey: base64(privateKeyPem) };
  const form = new URLSearchParams({
    Action: 'UploadServerCertificate',
    CertificateBody: certificatePem,
    PrivateKey: privateKeyPem,
  });

  test.each<[string, string | undefined, string, string | undefined]>([
    ['an import to ACM', 'CertificateManager.ImportCertificate', JSON.stringify(json), privateKeyPem],
    ['an upload to IAM', undefined, form.toString(), privateKeyPem],
    ['another request to IAM', undefined, 'Action=ListRoles', undefined],
    ['what is no JSON', 'CertificateManager.ImportCertificate', 'x', undefined],
    [
      'a key of another certificate',
      'CertificateManager.ImportCertificate',
      JSON.stringify({ ...json, PrivateKey: base64(make('b.test').privateKeyPem) }),
      undefined,
    ],
  ])('are heard of in %s', (_title, target, body, expected) => {
    const keys = createImportedKeys();
    keys.hear(target, body);
    expect(keys.privateKeyOf(certificatePem)).toBe(expected);
  });
});
