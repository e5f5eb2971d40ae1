import { DeregisterTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from '../aws/local-aws.ts';
import type { TokenEndpoint } from '../github/oidc-issuer.ts';
import { required } from './ground.ts';

/**
 * Tries what no pipeline may do: with the role of the deployment, taken as a job takes it, to deregister a revision that
 * a rollback may need. Gives the words of the refusal, `undefined` if AWS let it pass.
 */
export async function tryToDeregister(
  aws: LocalAws,
  { roleArn, token, revision }: { roleArn: string; token: TokenEndpoint; revision: string },
): Promise<string | undefined> {
  const place = { endpoint: aws.endpoint, region: aws.region };
  const sts = new STSClient({ ...place, credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' } });
  const { Credentials } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: 'curious',
      WebIdentityToken: await mintToken(token),
    }),
  );
  const ecs = new ECSClient({
    ...place,
    credentials: {
      accessKeyId: required(Credentials?.AccessKeyId, 'access key'),
      secretAccessKey: required(Credentials?.SecretAccessKey, 'secret key'),
      sessionToken: required(Credentials?.SessionToken, 'session token'),
    },
  });
  try {
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: revision }));
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return error.message;
    throw error;
  } finally {
    sts.destroy();
    ecs.destroy();
  }
}

async function mintToken({ requestUrl, requestToken }: TokenEndpoint): Promise<string> {
  const response = await fetch(`${requestUrl('deploy')}&audience=sts.amazonaws.com`, {
    headers: { authorization: `Bearer ${requestToken}` },
  });
  return ((await response.json()) as { value: string }).value;
}
