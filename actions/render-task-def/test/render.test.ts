import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepareTaskDefinition } from '../src/prepare.ts';
import { fillTaskDefinition } from '../src/render.ts';
import { parseSource } from '../src/source.ts';
import { parseTemplate } from '../src/template.ts';

const image = `host/shop/api@sha256:${'ab'.repeat(32)}`;
const template = {
  family: 'api',
  futureField: { deep: [1, ''] },
  containerDefinitions: [
    {
      name: 'api',
      image: 'old',
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '' },
      ],
      portMappings: [],
    },
    { name: 'sidecar', image: 'kept', futureField: true },
  ],
};
const render = (images: Record<string, string>, variables: Record<string, string> = {}) =>
  fillTaskDefinition(template, { images, variables }, 'api.json');

describe('a task definition that is filled', () => {
  test('sets the image of the named container and leaves everything else', () => {
    expect(render({ api: image })).toEqual({
      ...template,
      containerDefinitions: [
        { ...template.containerDefinitions[0], image },
        template.containerDefinitions[1],
      ],
    });
  });

  test('replaces variables in place and adds new ones at the end', () => {
    const filled = render({ api: image }, { B: 'two', C: 'x=y' });
    expect((filled.containerDefinitions as object[])[0]).toMatchObject({
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: 'two' },
        { name: 'C', value: 'x=y' },
      ],
    });
  });

  test('leaves out what only ECS writes, and says what', () => {
    const described = {
      ...template,
      taskDefinitionArn: 'arn',
      revision: 3,
      status: 'ACTIVE',
      deregisteredAt: undefined,
    };
    const origin = { source: 'api:3', template: { document: described }, overrides: undefined };
    const { document, stripped } = prepareTaskDefinition(origin);
    expect(stripped).toEqual(['taskDefinitionArn', 'revision', 'status']);
    expect(document).toEqual(template);
  });

  test('names the near containers for one that is not there', () => {
    expect(() => render({ apu: image })).toThrow('api.json has no container "apu". Did you mean "api"?');
  });

  test('keeps fields it does not know, whatever they are, and does not change the template', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((key) => `x${key}`),
          fc.jsonValue(),
        ),
        (unknown) => {
          const before = { ...unknown, containerDefinitions: [{ ...unknown, name: 'api' }] };
          const copy = structuredClone(before);
          const filled = fillTaskDefinition(before, { images: { api: image }, variables: {} }, 't');
          expect(filled).toEqual({
            ...unknown,
            containerDefinitions: [{ ...unknown, name: 'api', image }],
          });
          expect(before).toEqual(copy);
        },
      ),
    );
  });
});

test.each([
  ['ssm:/prod/api/task-definition', { kind: 'parameter', name: '/prod/api/task-definition' }],
  [
    'arn:aws:ecs:us-east-1:123456789012:task-definition/api:3',
    { kind: 'registered', name: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:3' },
  ],
  ['api', { kind: 'registered', name: 'api' }],
  ['api:12', { kind: 'registered', name: 'api:12' }],
  ['ecs/api', { kind: 'file', path: 'ecs/api' }],
  ['api.json', { kind: 'file', path: 'api.json' }],
  ['api.YAML', { kind: 'file', path: 'api.YAML' }],
])('takes %s for what it is', (text, expected) => {
  expect(parseSource(text)).toEqual(expected);
});

describe('parseTemplate', () => {
  test('reads JSON, YAML and the output of describe-task-definition', () => {
    expect(parseTemplate(JSON.stringify(template), 'a.json').document).toEqual(template);
    expect(parseTemplate(JSON.stringify({ taskDefinition: template, tags: [] }), 'a.json').document).toEqual(
      template,
    );
    expect(parseTemplate('family: api\ncontainerDefinitions: [{ name: api }]', 'a.yaml').document).toEqual({
      family: 'api',
      containerDefinitions: [{ name: 'api' }],
    });
  });

  test.each([
    ['{"family": "api",}}', /a\.json cannot be read:\n {2}a\.json:1:\d+/],
    ['{"family": "api"}', /a\.json is no task definition:\n {2}a\.json:1:1 {2}expected a task definition/],
    ['[]', /is no task definition/],
    ['{"containerDefinitions": ["api"]}', /is no task definition/],
  ])('refuses %s with its place', (text, expected) => {
    expect(() => parseTemplate(text, 'a.json')).toThrow(expected);
  });
});
