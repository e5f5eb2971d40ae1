import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasSameContent, registrable } from '../../src/decide/task-definition-content.ts';

const rendered = {
  family: 'email-api',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    {
      name: 'email-api',
      image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/email-api@sha256:1',
      portMappings: [{ containerPort: 8000 }],
      environment: [
        { name: 'PORT', value: '8000' },
        { name: 'EMPTY', value: '' },
      ],
      secrets: [{ name: 'TOKEN', valueFrom: '/email/token' }],
      healthCheck: { command: ['CMD', 'node', 'health'] },
    },
  ],
};
const [container] = rendered.containerDefinitions;

/** What DescribeTaskDefinition gives for it. */
const registered = {
  ...rendered,
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/email-api:1',
  revision: 1,
  status: 'ACTIVE',
  registeredAt: new Date(0),
  registeredBy: 'arn:aws:sts::123456789012:assumed-role/deploy/berth',
  requiresAttributes: [{ name: 'ecs.capability.task-eni' }],
  compatibilities: ['EC2', 'FARGATE'],
  volumes: [],
  placementConstraints: [],
  containerDefinitions: [
    {
      ...container,
      cpu: 0,
      essential: true,
      portMappings: [{ containerPort: 8000, hostPort: 8000, protocol: 'tcp' }],
      environment: container?.environment.toReversed(),
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
      healthCheck: { command: ['CMD', 'node', 'health'], interval: 30, timeout: 5, retries: 3 },
    },
  ],
};
const withContainer = (change: object) => ({
  ...rendered,
  containerDefinitions: [{ ...container, ...change }],
});

describe('the content of a task definition', () => {
  test('is the same after ECS has filled in the network mode that a document leaves out', () => {
    const { networkMode: _mode, ...plain } = rendered;
    expect(hasSameContent(plain, { ...plain, networkMode: 'bridge' })).toBe(true);
    expect(hasSameContent(plain, rendered)).toBe(false);
  });

  test('is the same after ECS has filled in its defaults', () => {
    expect(hasSameContent(rendered, registered)).toBe(true);
  });

  test.each([
    [
      'the order of environment and secrets',
      withContainer({ environment: container?.environment.toReversed() }),
    ],
    ['tags', { ...rendered, tags: [{ key: 'git-sha', value: '1' }] }],
    ['units of size', { ...rendered, cpu: '.25 vCPU', memory: '0.5 GB' }],
    ['sizes written as numbers', { ...rendered, cpu: 256, memory: 512 }],
    ['empty lists and objects', { ...withContainer({ links: [], dockerLabels: {} }), volumes: [] }],
    ['what the SDK leaves undefined', { ...rendered, taskRoleArn: undefined }],
  ])('does not depend on %s', (_title, other) => {
    expect(hasSameContent(other, registered)).toBe(true);
  });

  test.each([
    ['the image', withContainer({ image: 'other@sha256:2' })],
    ['a value', withContainer({ environment: [{ name: 'PORT', value: '8001' }] })],
    ['an empty value', withContainer({ environment: [{ name: 'PORT', value: '8000' }] })],
    ['the order of the command', withContainer({ command: ['b', 'a'] })],
    ['essential', withContainer({ essential: false })],
    [
      'a health check setting',
      withContainer({ healthCheck: { command: ['CMD', 'node', 'health'], interval: 10 } }),
    ],
    ['the protocol', withContainer({ portMappings: [{ containerPort: 8000, protocol: 'udp' }] })],
    ['the size', { ...rendered, cpu: '512' }],
    ['the family', { ...rendered, family: 'email-consumer' }],
    ['a role', { ...rendered, taskRoleArn: 'arn:aws:iam::123456789012:role/task' }],
    ['a field newer than this code', { ...rendered, somethingNew: true }],
    [
      'a second container',
      { ...rendered, containerDefinitions: [container, { name: 'sidecar', image: 'x' }] },
    ],
  ])('depends on %s', (_title, other) => {
    expect(hasSameContent(other, registered)).toBe(false);
  });

  test('is the same as itself, whatever the document', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) =>
        hasSameContent(document, structuredClone(document)),
      ),
    );
  });
});

test('what only ECS writes is left out of a registration, the unknown is kept', () => {
  expect(registrable({ ...registered, somethingNew: 1 })).toEqual({
    ...rendered,
    volumes: [],
    placementConstraints: [],
    containerDefinitions: registered.containerDefinitions,
    somethingNew: 1,
  });
});
