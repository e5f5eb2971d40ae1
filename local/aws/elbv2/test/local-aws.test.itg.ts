import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningAws, runLocalAws } from '../../test/running-aws.ts';
import { makeSelfSigned } from '../tls/self-signed.ts';
import { ask } from './front.ts';

let aws: RunningAws;
beforeAll(async () => {
  aws = await runLocalAws();
});
afterAll(() => aws?.stop());

/** One call of the command line, its answer's text. */
async function cli(line: string): Promise<string> {
  const { code, stdout, stderr } = await aws.cli(`${line} --output text`);
  if (code !== 0) throw new Error(`aws ${line}: ${stderr}`);
  return stdout.trim();
}

test('a certificate imported by the command line is served by an HTTPS listener made by it', async () => {
  const { certificatePem, privateKeyPem } = makeSelfSigned(['shop.test'], Date.now(), new Uint8Array([9]));
  await writeFile(join(aws.folder, 'cert.pem'), certificatePem);
  await writeFile(join(aws.folder, 'key.pem'), privateKeyPem);
  const certificate = await cli(
    `acm import-certificate --certificate fileb://${aws.folder}/cert.pem --private-key fileb://${aws.folder}/key.pem --query CertificateArn`,
  );
  const balancer = await cli(
    'elbv2 create-load-balancer --name shop --subnets subnet-1 subnet-2 --query LoadBalancers[0].LoadBalancerArn',
  );
  const port = await cli(
    `elbv2 create-listener --load-balancer-arn ${balancer} --protocol HTTPS --port 443 --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06 --certificates CertificateArn=${certificate} --default-actions Type=fixed-response,FixedResponseConfig={StatusCode=200,ContentType=text/plain,MessageBody=ready} --query Listeners[0].Port`,
  );
  const options = { isSecure: true, servername: 'shop.test', ca: certificatePem };
  expect(await ask(Number(port), '/', options)).toMatchObject({ status: 200, body: 'ready' });
});

test('a scan finds what an admin call has set', async () => {
  await cli('ecr create-repository --repository-name scanned --query repository.repositoryUri');
  const body = JSON.stringify({ repositoryName: 'scanned', findings: [{ name: 'CVE-1', severity: 'HIGH' }] });
  const answer = await fetch(`${aws.endpoint}/_berth/ecr/scan-findings`, { method: 'PUT', body });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
  const refused = await fetch(`${aws.endpoint}/_berth/ecr/scan-findings`, { method: 'PUT', body: '{}' });
  expect(refused.status).toBe(400);
});
