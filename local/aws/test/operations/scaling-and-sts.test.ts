import { once } from 'node:events';
import { createServer } from 'node:http';
import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as sts from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createScaledService, WEB } from '../../autoscaling/test/scaled-service.ts';
import { createCredentialStore } from '../../sts/credentials.ts';
import { createSts, STS_NAMESPACE } from '../../sts/sts.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { queryService } from '../../wire/query.ts';
import { claimedOf, recordAnswers } from './recorder.ts';

test('every operation that is claimed of Application Auto Scaling is answered', async () => {
  const { scaling: client } = await createScaledService();
  const answered = recordAnswers(client);
  const ofEcs = { ServiceNamespace: 'ecs' } as const;
  const { ScalableTargetARN: ResourceARN } = await client.send(
    new scaling.RegisterScalableTargetCommand({ ...WEB, MinCapacity: 1, MaxCapacity: 4 }),
  );
  await client.send(new scaling.DescribeScalableTargetsCommand(ofEcs));
  await client.send(new scaling.TagResourceCommand({ ResourceARN, Tags: { team: 'shop' } }));
  await client.send(new scaling.ListTagsForResourceCommand({ ResourceARN }));
  await client.send(new scaling.UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
  await client.send(
    new scaling.PutScalingPolicyCommand({
      ...WEB,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    }),
  );
  await client.send(new scaling.DescribeScalingPoliciesCommand(ofEcs));
  await client.send(new scaling.DescribeScalingActivitiesCommand(ofEcs));
  await client.send(new scaling.DeleteScalingPolicyCommand({ ...WEB, PolicyName: 'cpu' }));
  await client.send(new scaling.DeregisterScalableTargetCommand(WEB));
  expect([...answered].sort()).toEqual(claimedOf('Application Auto Scaling'));
});

const ACCOUNT = '123456789012';
const ISSUER = 'https://issuer.test';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;
const TRUST = {
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/issuer.test` },
      Action: 'sts:AssumeRoleWithWebIdentity',
    },
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
  ],
};

test('every operation that is claimed of STS is answered', async () => {
  const now = 1_800_000_000_000;
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }] };
  const issuer = createServer((_request, response) => response.end(JSON.stringify(keys))).listen(
    0,
    '127.0.0.1',
  );
  await once(issuer, 'listening');
  const address = issuer.address();
  const port = address && typeof address !== 'string' ? address.port : 0;
  const credentials = createCredentialStore({
    now: () => now,
    randomBytes: (size) => new Uint8Array(size),
    defaultAccountId: ACCOUNT,
  });
  const iam = {
    readRole: async () => ({ arn: ROLE, roleId: 'AROA', trustPolicy: TRUST, maxSessionSeconds: 3600 }),
    readProviderClientIds: async () => ['sts.amazonaws.com'],
  };
  const { handlers } = createSts({ credentials, iam, issuers: { [ISSUER]: `http://127.0.0.1:${port}/` } });
  const client = new sts.STSClient({
    region: 'us-east-1',
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'secret' },
    requestHandler: inProcessHandler(queryService(sts, STS_NAMESPACE, handlers), (signer) => ({
      ...{ accountId: ACCOUNT, region: signer.region, accessKeyId: signer.accessKeyId, now },
    })),
  });
  const answered = recordAnswers(client);
  const session = { RoleArn: ROLE, RoleSessionName: 'run' };
  const WebIdentityToken = await new SignJWT({
    ...{ iss: ISSUER, sub: 'repo:acme/shop', aud: 'sts.amazonaws.com', exp: now / 1000 + 300 },
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .sign(privateKey);
  try {
    await client.send(new sts.GetCallerIdentityCommand({}));
    await client.send(new sts.AssumeRoleCommand(session));
    await client.send(new sts.AssumeRoleWithWebIdentityCommand({ ...session, WebIdentityToken }));
  } finally {
    issuer.closeAllConnections();
    issuer.close();
  }
  expect([...answered].sort()).toEqual(claimedOf('AWS STS'));
});
