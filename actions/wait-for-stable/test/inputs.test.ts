import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { deploymentArn, taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { inputs } from '../src/inputs.ts';

const read = (given: Record<string, string>) => readInputs(inputs, (name) => given[name] ?? '');
const item = {
  service: 'email-api',
  cluster: 'shop',
  serviceName: 'email-api',
  serviceDeploymentArn: deploymentArn('a'),
  taskDefinitionArn: taskDefinitionArn(1),
  changed: true,
};

describe('the inputs of wait-for-stable', () => {
  test('have defaults', () => {
    expect(read({})).toMatchObject({ 'timeout-minutes': 30, 'log-lines': 12, deployments: undefined });
  });

  test.each([[[]], [[item]], [[{ ...item, serviceDeploymentArn: null }]], [[{ ...item, somethingNew: 1 }]]])(
    'take deployments: %j',
    (items) => {
      expect(read({ deployments: JSON.stringify(items) }).deployments).toEqual(items);
    },
  );

  test.each([
    ['no list', item],
    ['no service', [{ ...item, service: undefined }]],
    ['a deployment of another service', [{ ...item, serviceName: 'email-consumer' }]],
    ['a text that is no ARN', [{ ...item, serviceDeploymentArn: 'a' }]],
    ['no word on what changed', [{ ...item, changed: 'yes' }]],
  ])('refuse deployments with %s', (_title, value) => {
    expect(() => read({ deployments: JSON.stringify(value) })).toThrow(
      'the JSON list that deploy-service gives',
    );
  });

  test.each([
    'x',
    taskDefinitionArn(1),
    deploymentArn('a').replace('service-deployment', 'service-revision'),
  ])('refuse the service deployment %s', (arn) => {
    expect(() => read({ 'service-deployment-arn': arn })).toThrow('the ARN of a service deployment');
  });
});
