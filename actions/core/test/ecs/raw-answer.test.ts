import { describe, expect, test } from '@jest/globals';
import { ecsClient } from '../../src/aws-clients.ts';
import { tryTaskDefinition } from '../../src/ecs/task-definition.ts';
import { refuse, scriptedAws } from '../doubles/scripted-aws.ts';

const arn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:3';
const newer = {
  taskDefinitionArn: arn,
  family: 'api',
  status: 'ACTIVE',
  brandNewField: { mode: '' },
  containerDefinitions: [{ name: 'api', brandNewContainerField: [0], command: [], environment: [] }],
};

describe('a task definition as it is read', () => {
  test('keeps fields that are newer than the SDK, and empty values', async () => {
    const aws = scriptedAws(() => ({ taskDefinition: newer, tags: [{ key: 'git-sha', value: 'a' }] }));
    const read = await tryTaskDefinition(ecsClient(aws.access), 'api');
    expect(read).toEqual({
      taskDefinitionArn: arn,
      status: 'ACTIVE',
      document: newer,
      tags: { 'git-sha': 'a' },
    });
  });

  test('is undefined where there is none, and other refusals are thrown', async () => {
    const read = (message: string) =>
      tryTaskDefinition(ecsClient(scriptedAws(() => refuse('ClientException', message)).access), 'api');
    expect(await read('Unable to describe task definition.')).toBeUndefined();
    await expect(read('Something else.')).rejects.toThrow('Something else.');
  });
});
