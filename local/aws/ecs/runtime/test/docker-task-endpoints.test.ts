import { describe, expect, test } from '@jest/globals';
import { TaskEndpoints } from '../docker-task-endpoints.ts';
import type { MetadataView } from '../docker-task-metadata.ts';
import { launchOf } from './task-story.ts';

const roleArn = 'arn:aws:iam::123456789012:role/api';

function openTask(taskRoleArn: string | undefined) {
  let tokens = 0;
  const endpoints = new TaskEndpoints(
    async (role) => ({
      accessKeyId: `key of ${role}`,
      secretAccessKey: 'secret',
      sessionToken: 'session',
      expiration: new Date(Date.UTC(2026, 10, 21, 9)),
    }),
    () => `token-${++tokens}`,
  );
  const definition = { name: 'app', image: 'repository:1', memory: 256 };
  const launch = launchOf([definition], 'image', { taskRoleArn });
  const view = (): MetadataView => ({
    launch,
    stopping: false,
    containers: [{ definition, runtimeId: 'abc', startedAt: Date.UTC(2026, 0, 1) }],
  });
  const environment = endpoints.open({ launch, view }, 'app');
  return {
    endpoints,
    launch,
    environment,
    path: (name: string) => new URL(environment[name] ?? '').pathname,
  };
}

describe('credentials of a task', () => {
  const { endpoints, environment, path } = openTask(roleArn);
  const address = path('AWS_CONTAINER_CREDENTIALS_FULL_URI');

  test('are those of its role, in the form the SDKs read', async () => {
    const answer = await endpoints.answer(address, environment.AWS_CONTAINER_AUTHORIZATION_TOKEN);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      RoleArn: roleArn,
      AccessKeyId: `key of ${roleArn}`,
      SecretAccessKey: 'secret',
      Token: 'session',
      Expiration: '2026-11-21T09:00:00Z',
    });
  });

  test.each([undefined, '', 'token-9'])('are refused with Authorization %j', async (authorization) => {
    const answer = await endpoints.answer(address, authorization);
    expect(answer.status).toBe(401);
    expect(answer.body).not.toContain('secret');
  });

  test('are not offered without a task role', () => {
    expect(openTask(undefined).environment).not.toHaveProperty('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  });
});

describe('metadata of a task', () => {
  const { endpoints, launch, path } = openTask(undefined);
  const address = path('ECS_CONTAINER_METADATA_URI_V4');
  const read = async (more: string) => JSON.parse((await endpoints.answer(address + more, undefined)).body);

  test('tells of the container', async () => {
    expect(await read('')).toMatchObject({
      Name: 'app',
      Image: 'repository:1',
      KnownStatus: 'RUNNING',
      StartedAt: '2026-01-01T00:00:00.000Z',
      Limits: { Memory: 256 },
      Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [launch.privateIp] }],
    });
  });

  test('tells of the task', async () => {
    expect(await read('/task')).toMatchObject({
      TaskARN: launch.taskArn,
      Family: 'story',
      Containers: [{ DockerId: 'abc' }],
    });
  });

  test('names what it does not have', async () => {
    const answer = await endpoints.answer(`${address}/stats`, undefined);
    expect(answer).toMatchObject({ status: 404, body: expect.stringContaining('/stats') });
  });

  test('is gone with the task', async () => {
    endpoints.close(launch);
    expect((await endpoints.answer(address, undefined)).status).toBe(404);
  });
});
