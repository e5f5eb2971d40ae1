import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandResult, RunCommand } from '../../core/src/command.ts';
import type { Action } from '../../core/src/github/action-run.ts';
import { type Driven, driveAction } from '../../core/test/doubles/action-drive.ts';
import { answerAws } from '../../core/test/doubles/aws-answers.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { inputs, outputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

// Node's http module outlives a test file: two files' nocks in one worker would answer twice.
reachNockOnly();

const digest = `sha256:${'a1'.repeat(32)}`;
const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const token = Buffer.from('AWS:hunter2').toString('base64');
const manifest = `version: 1
registry: { account: "123456789012", region: us-east-1, prefix: shop }
environments: { prod: { account: "123456789012", region: us-east-1, cluster: shop-prod } }
services: { email-api: { args: { SERVICE: email-api } } }
`;

/** ECR with one repository; `tags` may be filled by the docker of the test. */
const ecrWith = (tags: Map<string, string>) =>
  answerAws('https://api.ecr.us-east-1.amazonaws.com', {
    DescribeRepositories: ({ repositoryNames }) => {
      const all = [{ repositoryName: 'shop/email-api', repositoryUri: `${host}/shop/email-api` }];
      const wanted = (repositoryNames as string[] | undefined)?.[0];
      const repositories = all.filter(({ repositoryName }) => !wanted || repositoryName === wanted);
      return repositories.length > 0 ? { repositories } : { fault: 'RepositoryNotFoundException' };
    },
    DescribeImages: ({ imageIds }) => {
      const found = tags.get((imageIds as { imageTag: string }[])[0]?.imageTag ?? '');
      return found ? { imageDetails: [{ imageDigest: found }] } : { fault: 'ImageNotFoundException' };
    },
    GetAuthorizationToken: () => ({
      authorizationData: [{ authorizationToken: token, proxyEndpoint: `https://${host}` }],
    }),
  });

/** A docker client that notes its calls; `push` decides how a push ends. */
const dockerWith = (push: () => CommandResult, build: () => CommandResult = () => ended(0)) => {
  const calls: { args: string[]; env: Record<string, string>; config: string }[] = [];
  const command: RunCommand = async (program, args, options) => {
    expect(program).toBe('docker');
    const env = { ...options?.env };
    const config = env.DOCKER_CONFIG ? readFileSync(join(env.DOCKER_CONFIG, 'config.json'), 'utf8') : '';
    calls.push({ args: [...args], env, config });
    if (args[0] === 'push') return push();
    return args.includes('--file') ? build() : ended(0, '28.5.1 28.5.1');
  };
  return { calls, command };
};
const ended = (exitCode: number, stdout = '', stderr = ''): CommandResult => ({ exitCode, stdout, stderr });
const actionWith = (command: RunCommand): Action<typeof inputs, (typeof outputs)[number]> => ({
  inputs,
  outputs,
  run: (given, deps) => run(given, { ...deps, command }),
});

let folder = '';
const drive = (command: RunCommand, given: Record<string, string> = {}): Promise<Driven> =>
  driveAction(actionWith(command), {
    inputs: { service: 'email-api', environment: 'prod', tag: 'src-1', ...given },
    env: {
      GITHUB_WORKSPACE: folder,
      RUNNER_TEMP: folder,
      GITHUB_SHA: 'abc',
      GITHUB_REPOSITORY: 'acme/shop',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-nobody',
      DOCKER_CONFIG: '',
    },
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-build-'));
  writeFileSync(join(folder, 'berth.yaml'), manifest);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('build-and-push', () => {
  test('builds, pushes, and gives the digest that ECR tells', async () => {
    const tags = new Map<string, string>();
    const calls = ecrWith(tags);
    const docker = dockerWith(() => {
      tags.set('src-1', digest);
      return ended(0, `src-1: digest: sha256:${'0'.repeat(64)} size: 1`);
    });
    const driven = await drive(docker.command);
    expect(driven.outputs).toEqual({
      image: `${host}/shop/email-api@${digest}`,
      digest,
      tag: 'src-1',
      pushed: 'true',
    });
    const [, , build, push] = docker.calls;
    expect(build?.args).toEqual(
      expect.arrayContaining([
        '--load',
        'SERVICE=email-api',
        'org.opencontainers.image.revision=abc',
        folder,
      ]),
    );
    expect(push?.args).toEqual(['push', `${host}/shop/email-api:src-1`]);
    expect(
      calls.every(
        ({ input, operation }) =>
          operation === 'GetAuthorizationToken' || input.registryId === '123456789012',
      ),
    ).toBe(true);
    expect(driven.summary).toContain(digest);
  });

  test('keeps the password out of arguments and log, and removes its file', async () => {
    const tags = new Map<string, string>();
    ecrWith(tags);
    const docker = dockerWith(() => {
      tags.set('src-1', digest);
      return ended(0);
    });
    const driven = await drive(docker.command);
    expect(docker.calls.at(-1)?.config).toContain(token);
    for (const { args } of docker.calls) expect(args.join(' ')).not.toMatch(/hunter2|QVdTOm/);
    expect(driven.stdout).toContain('::add-mask::hunter2');
    expect(driven.stdout.replace(/^::add-mask::.*$/gm, '')).not.toMatch(/hunter2|QVdTOm/);
    expect(readdirSync(folder).filter((name) => name.startsWith('berth-docker-'))).toEqual([]);
  });

  test('builds nothing when the repository has the tag', async () => {
    ecrWith(new Map([['src-1', digest]]));
    const docker = dockerWith(() => ended(1));
    const driven = await drive(docker.command);
    expect(driven.outputs).toMatchObject({ digest, pushed: 'false' });
    expect(docker.calls).toEqual([]);
  });

  test('takes the image of another run that pushed the immutable tag meanwhile', async () => {
    const tags = new Map<string, string>();
    ecrWith(tags);
    const docker = dockerWith(() => {
      tags.set('src-1', digest);
      return ended(
        1,
        '',
        "tag invalid: The image tag 'src-1' already exists in the 'shop/email-api' repository and cannot be overwritten because the tag is immutable.",
      );
    });
    const driven = await drive(docker.command);
    expect(driven).toMatchObject({ failed: false, outputs: { digest, pushed: 'false' } });
    expect(driven.stdout).toContain('::notice::Another run pushed shop/email-api:src-1 meanwhile');
  });

  test('writes the image to an SSM parameter when asked', async () => {
    ecrWith(new Map([['src-1', digest]]));
    const calls = answerAws('https://ssm.us-east-1.amazonaws.com', { PutParameter: () => ({ Version: 1 }) });
    await drive(dockerWith(() => ended(1)).command, { parameter: '/prod/email-api/image' });
    expect(calls).toEqual([
      {
        operation: 'PutParameter',
        input: {
          Name: '/prod/email-api/image',
          Value: `${host}/shop/email-api@${digest}`,
          Type: 'String',
          Overwrite: true,
        },
      },
    ]);
  });

  test('shows the end of a failed build, and of a failed push', async () => {
    ecrWith(new Map());
    const failing = await drive(
      dockerWith(
        () => ended(0),
        () => ended(1, '', '#5 ERROR: exit code: 2'),
      ).command,
    );
    expect(failing.stdout).toContain('::error::The build of Dockerfile failed:%0A#5 ERROR: exit code: 2');
    const denied = await drive(
      dockerWith(() => ended(1, 'c342: Layer already exists\n', 'denied: not allowed')).command,
    );
    expect(denied.stdout).toContain(
      `Pushing ${host}/shop/email-api:src-1 failed:%0Ac342: Layer already exists%0Adenied: not allowed`,
    );
  });

  test.each([
    ['a service that is not there', { service: 'email-ap' }, 'Did you mean "email-api"?'],
    ['an environment that is not there', { environment: 'prd' }, 'Did you mean "prod"?'],
    [
      'a repository that is not there',
      { service: '', repository: 'shop/email-apo', region: 'us-east-1' },
      'Near names: shop/email-api. Make it once with: aws ecr create-repository --repository-name shop/email-apo',
    ],
    [
      'a Dockerfile that is not there',
      { service: '', repository: 'shop/email-api', dockerfile: 'x/Dockerfile' },
      'There is no x/Dockerfile in the workspace',
    ],
    ['an unusable tag', { tag: 'a b' }, 'input "tag" is "a b": expected letters'],
  ])('refuses %s in one sentence, before any build', async (_, given, expected) => {
    ecrWith(new Map());
    const docker = dockerWith(() => ended(0));
    const driven = await drive(docker.command, given);
    expect(driven).toMatchObject({ failed: true, outputs: {} });
    expect(driven.stdout).toContain(expected);
    expect(docker.calls).toEqual([]);
  });
});
