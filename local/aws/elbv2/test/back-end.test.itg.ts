import { IAMClient, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../../../machine/python-tools.ts';
import { type Moto, startMoto } from '../../gateway/moto.ts';
import { backendHeaders } from '../backend-headers.ts';
import { cloudWatchAt } from '../metrics/cloudwatch-at.ts';
import { certificatesAt } from '../tls/certificates-at.ts';
import { createImportedKeys } from '../tls/imported-keys.ts';
import { makeSelfSigned } from '../tls/self-signed.ts';

let moto: Moto;
const scope = { accountId: '123456789012', region: 'eu-west-1' };
const keys = createImportedKeys();

beforeAll(async () => {
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
});
afterAll(() => moto.stop());

async function ask(service: string, body: string, target?: string): Promise<string> {
  const headers = { ...backendHeaders(scope, service), ...(target && { 'x-amz-target': target }) };
  const type = target ? 'application/x-amz-json-1.1' : 'application/x-www-form-urlencoded';
  const response = await fetch(moto.url, {
    method: 'POST',
    headers: { ...headers, 'content-type': type },
    body,
  });
  return response.text();
}

const acm = async (operation: string, input: object): Promise<string> => {
  const target = `CertificateManager.${operation}`;
  const body = JSON.stringify(input);
  keys.hear(target, body);
  return JSON.parse(await ask('acm', body, target)).CertificateArn;
};

describe('certificates of the back end', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const { certificatePem, privateKeyPem } = makeSelfSigned(
    ['shop.test', 'www.shop.test'],
    Date.now(),
    new Uint8Array([5]),
  );

  test('imported into ACM come with the key that was heard on the way', async () => {
    const pair = { Certificate: base64(certificatePem), PrivateKey: base64(privateKeyPem) };
    const arn = await acm('ImportCertificate', pair);
    expect(await certificatesAt(moto.url, keys).find(arn, scope)).toMatchObject({
      domains: expect.arrayContaining(['shop.test']),
      certificatePem,
      privateKeyPem,
    });
  });

  test('issued by ACM have their names, and no key', async () => {
    const SubjectAlternativeNames = ['*.api.test'];
    const arn = await acm('RequestCertificate', { DomainName: 'api.test', SubjectAlternativeNames });
    const found = await certificatesAt(moto.url, keys).find(arn, scope);
    expect(found?.domains).toEqual(expect.arrayContaining(['api.test', '*.api.test']));
    expect(found?.domains[0]).toBe('api.test');
    expect(found?.privateKeyPem).toBeUndefined();
  });

  test('uploaded to IAM are found by name', async () => {
    const credentials = { accessKeyId: scope.accountId, secretAccessKey: 'any' };
    const iam = new IAMClient({ endpoint: moto.url, region: 'us-east-1', credentials });
    const input = {
      ServerCertificateName: 'shop',
      CertificateBody: certificatePem,
      PrivateKey: privateKeyPem,
    };
    await iam.send(new UploadServerCertificateCommand(input));
    keys.remember(certificatePem, privateKeyPem);
    const arn = `arn:aws:iam::${scope.accountId}:server-certificate/shop`;
    expect(await certificatesAt(moto.url, keys).find(arn, scope)).toMatchObject({
      domains: ['shop.test', 'www.shop.test'],
      privateKeyPem,
    });
  });

  test.each([
    ['is not in ACM', 'arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000'],
    ['is of another Region', 'arn:aws:acm:us-east-1:123456789012:certificate/1'],
    ['is of another account', 'arn:aws:acm:eu-west-1:210987654321:certificate/1'],
    ['is not in IAM', 'arn:aws:iam::123456789012:server-certificate/none'],
    ['is no certificate', 'arn:aws:s3:::bucket'],
  ])('are not found where the ARN %s', async (_title, arn) => {
    expect(await certificatesAt(moto.url, keys).find(arn, scope)).toBeUndefined();
  });
});

test('metrics come back from CloudWatch as they were sent', async () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 0);
  const dimensions = { TargetGroup: 'targetgroup/web/1', LoadBalancer: 'app/shop/1' };
  const datum = {
    name: 'TargetResponseTime',
    dimensions,
    unit: 'Seconds' as const,
    samples: 4,
    sum: 2,
    least: 0.1,
    most: 1,
  };
  await cloudWatchAt(moto.url)({ ...scope, at, data: [datum] });
  const form = new URLSearchParams({
    Action: 'GetMetricStatistics',
    Version: '2010-08-01',
    Namespace: 'AWS/ApplicationELB',
    MetricName: datum.name,
    StartTime: new Date(at - 60_000).toISOString(),
    EndTime: new Date(at + 60_000).toISOString(),
    Period: '60',
    'Dimensions.member.1.Name': 'TargetGroup',
    'Dimensions.member.1.Value': dimensions.TargetGroup,
    'Dimensions.member.2.Name': 'LoadBalancer',
    'Dimensions.member.2.Value': dimensions.LoadBalancer,
    'Statistics.member.1': 'Sum',
    'Statistics.member.2': 'Maximum',
    'Statistics.member.3': 'SampleCount',
  });
  const answer = await ask('monitoring', form.toString());
  const values = ['Sum', 'Maximum', 'SampleCount'].map((name) =>
    Number(new RegExp(`<${name}>([\\d.]+)<`).exec(answer)?.[1]),
  );
  expect(values).toEqual([2, 1, 4]);
});
