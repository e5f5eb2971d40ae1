import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type RunningAws, runLocalAws } from './running-aws.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const GITHUB = 'token.actions.githubusercontent.com';
/** Not the default account, so that the role has to bring it along. */
const ACCOUNT = '210987654321';
const signer = await generateKeyPair('RS256');
let keys: Server;
let aws: RunningAws;

beforeAll(async () => {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(signer.publicKey)), kid: 'k', alg: 'RS256' }] });
  keys = createServer((_request, response) => response.end(jwks)).listen(0, '127.0.0.1');
  await once(keys, 'listening');
  const address = keys.address();
  const port = address && typeof address !== 'string' ? address.port : 0;
  aws = await runLocalAws({ issuers: { [ISSUER]: `http://127.0.0.1:${port}` } });
  const iam = new IAMClient(aws.client(ACCOUNT));
  await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: ISSUER, ClientIDList: ['sts.amazonaws.com'] }),
  );
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' },
          StringLike: { [`${GITHUB}:sub`]: 'repo:acme@1/shop@2:environment:*' },
        },
      },
    ],
  };
  const AssumeRolePolicyDocument = JSON.stringify(trust);
  await iam.send(new CreateRoleCommand({ RoleName: 'deploy', Path: '/ci/', AssumeRolePolicyDocument }));
});

afterAll(async () => {
  await aws.stop();
  keys.closeAllConnections();
  keys.close();
});

const assume = async (sub: string) => {
  const token = await new SignJWT({ iss: ISSUER, aud: 'sts.amazonaws.com', sub })
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .setExpirationTime('5m')
    .sign(signer.privateKey);
  const request = {
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/ci/deploy`,
    RoleSessionName: 'run-1',
    WebIdentityToken: token,
  };
  const { endpoint, region } = aws;
  return new STSClient({ endpoint, region }).send(new AssumeRoleWithWebIdentityCommand(request));
};

describe('a web identity', () => {
  test("gets the role whose trust policy IAM keeps, and is that role to AWS's command line", async () => {
    const { Credentials } = await assume('repo:acme@1/shop@2:environment:prod');
    const role = {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
    };
    const identity = await aws.cli('sts get-caller-identity --query Arn --output text', role);
    expect(identity.stdout).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run-1\n`);
    expect(await aws.cli('ssm put-parameter --name /who --value role --type String', role)).toMatchObject({
      code: 0,
    });
    const read = (accountId?: string) =>
      new SSMClient(aws.client(accountId)).send(new GetParameterCommand({ Name: '/who' }));
    expect((await read(ACCOUNT)).Parameter?.Value).toBe('role');
    await expect(read()).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('of another repository is refused', async () => {
    await expect(assume('repo:acme@1/mill@3:environment:prod')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      $metadata: { httpStatusCode: 403 },
    });
  });
});
