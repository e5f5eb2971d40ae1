import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningAws, runLocalAws } from '../../test/running-aws.ts';

let aws: RunningAws;
const REPOSITORY = 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web';
const PUSH = ['BatchCheckLayerAvailability', 'InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'];
const PULL = ['BatchGetImage', 'GetDownloadUrlForLayer'];

beforeAll(async () => {
  aws = await runLocalAws({ enforceIam: true });
  for (const name of ['shop/web', 'mill/api']) {
    expect(await aws.cli(`ecr create-repository --repository-name ${name}`)).toMatchObject({ code: 0 });
  }
});
afterAll(() => aws?.stop());

/** Makes a role of these permissions and gives its credentials as the command line takes them. */
async function assume(RoleName: string, statements: object[]): Promise<Record<string, string>> {
  const iam = new IAMClient(aws.client());
  const root = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::123456789012:root' },
    Action: 'sts:AssumeRole',
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [root] });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const Statement = statements.map((statement) => ({ Effect: 'Allow', ...statement }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  const sts = new STSClient(aws.client());
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'run' }),
  );
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
  };
}

/** Logs Docker in with the token of a role. */
async function login(role: Record<string, string>): Promise<void> {
  const { code, stdout, stderr } = await aws.cli('ecr get-login-password', role);
  if (code !== 0) throw new Error(stderr);
  const auth = Buffer.from(`AWS:${stdout.trim()}`).toString('base64');
  const auths = { [aws.registry]: { auth } };
  await writeFile(join(aws.folder, 'config.json'), JSON.stringify({ auths }));
}

async function build(repository: string): Promise<string> {
  const image = `${aws.registry}/${repository}:v1`;
  await writeFile(join(aws.folder, 'content'), repository);
  await writeFile(join(aws.folder, 'Dockerfile'), 'FROM scratch\nCOPY content /content\nCMD ["/content"]\n');
  expect(await aws.docker(`build --quiet --tag ${image} ${aws.folder}`)).toMatchObject({ code: 0 });
  return image;
}

test('a role pushes and pulls with Docker what its policy names, and nothing else', async () => {
  const token = { Action: 'ecr:GetAuthorizationToken', Resource: '*' };
  const names = (actions: string[]) => actions.map((action) => `ecr:${action}`);
  const builder = await assume('builder', [
    token,
    { Action: names([...PUSH, ...PULL, 'PutImage']), Resource: REPOSITORY },
  ]);
  const reader = await assume('reader', [token, { Action: names(PULL), Resource: REPOSITORY }]);
  const own = await build('shop/web');
  const other = await build('mill/api');
  try {
    await login(reader);
    const unpushed = await aws.docker(`push --quiet ${own}`);
    expect(unpushed.code).not.toBe(0);
    expect(unpushed.stderr).toMatch(
      /denied: User: arn:aws:sts::123456789012:assumed-role\/reader\/run is not authorized to perform: ecr:\w+ on resource: arn:aws:ecr:us-east-1:123456789012:repository\/shop\/web because no identity-based policy allows the ecr:\w+ action/,
    );
    await login(builder);
    expect(await aws.docker(`push --quiet ${own}`)).toMatchObject({ code: 0 });
    const elsewhere = await aws.docker(`push --quiet ${other}`);
    expect(elsewhere.stderr).toContain('repository/mill/api because no identity-based policy');
    await aws.docker(`rmi --force ${own}`);
    await login(reader);
    expect(await aws.docker(`pull --quiet ${own}`)).toMatchObject({ code: 0 });
  } finally {
    await aws.docker(`rmi --force ${own} ${other}`);
  }
});

test('a role is refused a call to a service of the back end that its policy does not name', async () => {
  const Resource = 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/*';
  const deploy = await assume('deploy', [{ Action: ['ssm:GetParameter', 'ssm:PutParameter'], Resource }]);
  const put = (name: string) => aws.cli(`ssm put-parameter --name ${name} --value v --type String`, deploy);
  expect(await put('/prod/api/image')).toMatchObject({ code: 0 });
  const refused = await put('/mill/api/image');
  expect(refused.stderr).toContain(
    'An error occurred (AccessDeniedException) when calling the PutParameter operation: User: arn:aws:sts::123456789012:assumed-role/deploy/run is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:us-east-1:123456789012:parameter/mill/api/image because no identity-based policy allows the ssm:PutParameter action',
  );
  const listed = await aws.cli('s3 ls', deploy);
  expect(listed.stderr).toContain('s3:ListAllMyBuckets on resource: *');
  const topics = await aws.cli('sns list-topics', deploy);
  expect(topics.stderr).toContain('sns:ListTopics on resource: *');
});
