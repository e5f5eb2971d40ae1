import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:tls';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { CertificateMaterial } from '../tls/certificates.ts';
import { makeSelfSigned } from '../tls/self-signed.ts';
import { ask, Front } from './front.ts';

const front = new Front();
afterEach(() => front.close());

const arnOf = (id: string) => `arn:aws:acm:us-east-1:123456789012:certificate/${id}`;
const issued = (...domains: string[]): CertificateMaterial => ({
  domains,
  ...makeSelfSigned(domains, Date.now(), new Uint8Array([7])),
});
const known: Record<string, CertificateMaterial> = {
  [arnOf('shop')]: issued('shop.test'),
  [arnOf('mail')]: issued('mail.test', '*.mail.test'),
  [arnOf('keyless')]: { domains: ['lost.test'], certificatePem: issued('lost.test').certificatePem },
};
const certificates = { find: async (arn: string) => known[arn] };
const ca = (id: string) => known[arnOf(id)]?.certificatePem ?? '';

async function secure(more: Partial<elb.CreateListenerCommandInput> = {}) {
  const target = await front.serve((incoming, response) => {
    response.setHeader('server', 'nginx');
    response.end(JSON.stringify(incoming.headers));
  });
  const balanced = await front.balance({ web: [target.port] }, { certificates });
  const { client, balancer, arns } = balanced;
  const { Listeners } = await client.send(
    new elb.CreateListenerCommand({
      LoadBalancerArn: balancer,
      Protocol: 'HTTPS',
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn: arnOf('shop') }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arns.web }],
      ...more,
    }),
  );
  const [listener] = Listeners ?? [];
  const ListenerArn = listener?.ListenerArn ?? '';
  const port = listener?.Port ?? 0;
  const get = (servername: string, options = {}) =>
    ask(port, '/', { isSecure: true, servername, ...options });
  const protocolOf = async (options: object) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'shop.test', ca: ca('shop'), ...options });
    await once(socket, 'secureConnect');
    const [protocol, cipher] = [socket.getProtocol(), socket.getCipher().standardName];
    socket.destroy();
    return { protocol, cipher };
  };
  return {
    ...balanced,
    http: balanced.port,
    httpListener: balanced.listener,
    port,
    ListenerArn,
    listener,
    get,
    protocolOf,
  };
}

describe('an HTTPS listener', () => {
  test('shows its policy and default certificate, and tells the target of TLS', async () => {
    const { listener, get, port } = await secure();
    expect(listener).toMatchObject({
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn: arnOf('shop') }],
    });
    const answer = await get('shop.test', { ca: ca('shop') });
    expect(JSON.parse(answer.body)).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-port': String(port),
    });
  });

  test('serves the certificate of the asked name, the default one for any other', async () => {
    const { get, client, ListenerArn } = await secure();
    const Certificates = [{ CertificateArn: arnOf('mail') }];
    const before = get('www.mail.test', { ca: ca('mail') });
    await expect(before).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|ALTNAME|VERIFY/) });
    await client.send(new elb.AddListenerCertificatesCommand({ ListenerArn, Certificates }));
    expect((await get('www.mail.test', { ca: ca('mail') })).status).toBe(200);
    expect((await get('shop.test', { ca: ca('shop') })).status).toBe(200);
    const list = () => client.send(new elb.DescribeListenerCertificatesCommand({ ListenerArn }));
    expect((await list()).Certificates).toEqual([
      { CertificateArn: arnOf('shop'), IsDefault: true },
      { CertificateArn: arnOf('mail'), IsDefault: false },
    ]);
    await client.send(new elb.RemoveListenerCertificatesCommand({ ListenerArn, Certificates }));
    expect((await list()).Certificates).toHaveLength(1);
    await expect(get('www.mail.test', { ca: ca('mail') })).rejects.toThrow();
  });

  test('keeps its default certificate until ModifyListener gives another', async () => {
    const { get, client, ListenerArn } = await secure();
    const remove = { ListenerArn, Certificates: [{ CertificateArn: arnOf('shop') }] };
    await expect(client.send(new elb.RemoveListenerCertificatesCommand(remove))).rejects.toMatchObject({
      name: 'OperationNotPermittedException',
    });
    const Certificates = [{ CertificateArn: arnOf('mail') }];
    await client.send(new elb.ModifyListenerCommand({ ListenerArn, Certificates }));
    expect((await get('a.mail.test', { ca: ca('mail') })).status).toBe(200);
  });

  test('has a certificate made up for one whose private key nobody has', async () => {
    const { get } = await secure({ Certificates: [{ CertificateArn: arnOf('keyless') }] });
    await expect(get('lost.test', { ca: ca('keyless') })).rejects.toMatchObject({
      code: expect.stringMatching(/CERT/),
    });
    const answer = await get('lost.test', { rejectUnauthorized: false });
    expect(answer.status).toBe(200);
  });

  test.each([
    ['ELBSecurityPolicy-TLS13-1-2-2021-06', {}, 'TLSv1.3'],
    ['ELBSecurityPolicy-TLS13-1-2-2021-06', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    ['ELBSecurityPolicy-2016-08', {}, 'TLSv1.2'],
    ['ELBSecurityPolicy-TLS13-1-3-2021-06', {}, 'TLSv1.3'],
  ])('with %s and a client of %j speaks %s', async (SslPolicy, options, protocol) => {
    const { protocolOf } = await secure({ SslPolicy });
    expect(await protocolOf(options)).toMatchObject({ protocol });
  });

  test('refuses what its policy has not, after a change too', async () => {
    const { protocolOf, client, ListenerArn } = await secure();
    const SslPolicy = 'ELBSecurityPolicy-TLS13-1-3-2021-06';
    await client.send(new elb.ModifyListenerCommand({ ListenerArn, SslPolicy }));
    await expect(protocolOf({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
    expect(await protocolOf({})).toMatchObject({ protocol: 'TLSv1.3' });
  });

  test.each<[string, Partial<elb.CreateListenerCommandInput>, RegExp]>([
    ['no certificate', { Certificates: undefined }, /A certificate must be specified for HTTPS listeners/],
    [
      'two certificates',
      { Certificates: ['shop', 'mail'].map((id) => ({ CertificateArn: arnOf(id) })) },
      /exactly one certificate/,
    ],
    ['a certificate that is not there', { Certificates: [{ CertificateArn: arnOf('x') }] }, /not found/],
    ['an unknown policy', { SslPolicy: 'Mine' }, /SSL policy 'Mine' not found/],
    ['mutual authentication', { MutualAuthentication: { Mode: 'verify' } }, /not offered/],
    ['a certificate on HTTP', { Protocol: 'HTTP', SslPolicy: undefined }, /cannot be specified for HTTP/],
    ['another protocol', { Protocol: 'TLS' }, /must be one of 'HTTP, HTTPS'/],
  ])('with %s is refused', async (_title, more, message) => {
    await expect(secure(more)).rejects.toThrow(message);
  });

  test('is redirected to, at the port it really has', async () => {
    const { client, http, httpListener, port, get } = await secure();
    await client.send(
      new elb.ModifyListenerCommand({
        ListenerArn: httpListener,
        DefaultActions: [
          { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
        ],
      }),
    );
    const answer = await ask(http, '/cart?a=1', { headers: { host: 'shop.test' } });
    expect(answer).toMatchObject({
      status: 301,
      headers: { location: `https://shop.test:${port}/cart?a=1`, server: 'awselb/2.0' },
    });
    expect((await get('shop.test', { ca: ca('shop') })).status).toBe(200);
  });

  test('may become one of HTTP and one of HTTPS again', async () => {
    const { client, ListenerArn } = await secure();
    const plain = await client.send(new elb.ModifyListenerCommand({ ListenerArn, Protocol: 'HTTP' }));
    expect(plain.Listeners?.[0]).not.toHaveProperty('Certificates');
    expect((await ask(plain.Listeners?.[0]?.Port ?? 0)).status).toBe(200);
    const back = { ListenerArn, Protocol: 'HTTPS' as const };
    await expect(client.send(new elb.ModifyListenerCommand(back))).rejects.toThrow(/certificate must be/);
    const Certificates = [{ CertificateArn: arnOf('mail') }];
    const again = await client.send(new elb.ModifyListenerCommand({ ...back, Certificates }));
    const port = again.Listeners?.[0]?.Port ?? 0;
    const options = { isSecure: true, servername: 'mail.test', ca: ca('mail') };
    expect((await ask(port, '/', options)).status).toBe(200);
  });

  test('carries a WebSocket', async () => {
    const { client, arns, port, elbv2, time } = await secure();
    const server = createServer().on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.on('data', (data: Buffer) => void socket.write(`echo ${data}`));
    });
    const talker = await front.listening(server);
    await client.send(new elb.DeregisterTargetsCommand({ TargetGroupArn: arns.web, Targets: [] }));
    for (const { Target } of (
      await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn: arns.web }))
    ).TargetHealthDescriptions ?? []) {
      elbv2.targetGroups.deregister(arns.web ?? '', { id: Target?.Id ?? '', port: Target?.Port ?? 0 });
    }
    elbv2.targetGroups.register(arns.web ?? '', { id: '127.0.0.1', port: talker.port });
    await time.pass(0);
    const socket = connect({ port, host: '127.0.0.1', servername: 'shop.test', ca: ca('shop') });
    socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 101 /);
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('echo hello');
    socket.destroy();
  });
});

describe('listener attributes', () => {
  test('put fields on every answer, or take the Server field away', async () => {
    const { client, ListenerArn, get } = await secure();
    const set = (attributes: Record<string, string>) =>
      client.send(
        new elb.ModifyListenerAttributesCommand({
          ListenerArn,
          Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
    const hsts = 'routing.http.response.strict_transport_security.header_value';
    const { Attributes } = await set({
      [hsts]: 'max-age=60',
      'routing.http.response.server.enabled': 'false',
    });
    expect(Attributes).toContainEqual({ Key: hsts, Value: 'max-age=60' });
    const { headers } = await get('shop.test', { ca: ca('shop') });
    expect(headers).toMatchObject({ 'strict-transport-security': 'max-age=60' });
    expect(headers).not.toHaveProperty('server');
    await expect(set({ 'routing.tcp': '1' })).rejects.toThrow(/is not recognized/);
    await expect(set({ 'routing.http.response.server.enabled': 'maybe' })).rejects.toThrow(/is not valid/);
  });
});

test('security policies are listed with their protocols and ciphers', async () => {
  const { client } = await front.balance({});
  const Names = ['ELBSecurityPolicy-TLS13-1-3-2021-06'];
  const { SslPolicies } = await client.send(new elb.DescribeSSLPoliciesCommand({ Names }));
  expect(SslPolicies).toMatchObject([{ Name: Names[0], SslProtocols: ['TLSv1.3'] }]);
  expect((await client.send(new elb.DescribeSSLPoliciesCommand({}))).SslPolicies?.length).toBeGreaterThan(10);
  await expect(client.send(new elb.DescribeSSLPoliciesCommand({ Names: ['x'] }))).rejects.toMatchObject({
    name: 'SSLPolicyNotFoundException',
  });
});
