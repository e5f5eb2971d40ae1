import { describe, expect, test } from '@jest/globals';
import { ecrClient } from '../src/aws-clients.ts';
import { readRepositoryUri } from '../src/ecr/repository.ts';
import { faultsError, isAwsFailure, renderError, tryAwsFailure, UserError } from '../src/errors.ts';
import { refuse, scriptedAws } from './doubles/scripted-aws.ts';

describe('renderError', () => {
  test("gives a user's mistake as it is", () => {
    expect(renderError(new UserError('INPUT_INVALID', 'input "x" is empty'))).toBe('input "x" is empty');
  });

  test('shows where our own mistakes are', () => {
    expect(renderError(new RangeError('x'))).toMatch(/mistake in Berth[\s\S]*RangeError: x\n {4}at /);
    expect(renderError('text')).toContain('text');
  });

  test('names the operation of every client call, also when nobody answers', async () => {
    const ecr = ecrClient(scriptedAws(() => refuse('AccessDeniedException', 'no')).access);
    const error: unknown = await readRepositoryUri(ecr, { registryId: undefined, name: 'x' }).catch((e) => e);
    expect(isAwsFailure(error, 'AccessDeniedException')).toBe(true);
    expect(tryAwsFailure(error)).toMatchObject({ operation: 'ecr:DescribeRepositories', status: 400 });
    expect(renderError(error)).toBe(
      'ecr:DescribeRepositories failed: AccessDeniedException: no (request r-1). Allow ecr:DescribeRepositories in the policy of the role this step uses.',
    );
  });
});

describe('a failure that lies with who asks', () => {
  test.each([
    ['Error', 'Region is missing', 'Region is missing. Give the input "region", or set AWS_REGION.'],
    [
      'CredentialsProviderError',
      'Could not load credentials from any providers',
      'Could not load credentials from any providers. In a job give a role, as "role-to-assume" or under `roles` in the manifest; in a shell a profile, as AWS_PROFILE.',
    ],
    [
      'ExpiredTokenException',
      'The security token included in the request is expired',
      'is expired. In a shell get new credentials, as by `aws sso login`; in a job run it again.',
    ],
    [
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      'is invalid. Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_PROFILE: together they are nobody that AWS knows.',
    ],
  ])('says what to write: %s', (name, message, said) => {
    const error = Object.assign(new Error(message), { name, operation: 'ecs:DescribeServices' });
    expect(renderError(error)).toMatch(/^ecs:DescribeServices failed: /);
    expect(renderError(error).endsWith(said)).toBe(true);
  });
});

test('joins faults, each with its place, and keeps the first place', () => {
  const place = { file: 'berth.yaml', line: 3, column: 5 };
  const error = faultsError('MANIFEST_INVALID', 'Two faults:', [
    { message: 'no place' },
    { message: 'here', place },
  ]);
  expect(error.message).toBe('Two faults:\n  no place\n  berth.yaml:3:5  here');
  expect(error.place).toEqual(place);
});
