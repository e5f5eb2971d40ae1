import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readOverrides } from '../src/overrides.ts';
import { checkTaskDefinition, prepareTaskDefinition } from '../src/prepare.ts';
import { parseTemplate } from '../src/template.ts';

const TEMPLATE = `family: web
cpu: 256
memory: "512"
containerDefinitions:
  - name: web
    image: web@sha256:1
    environment:
      - { name: MODE, value: test }
      - { name: EMPTY, value: "" }
    secrets: [{ name: KEY, valueFrom: /test/key }]
    portMappings: [{ containerPort: 8080 }, { containerPort: 8125, protocol: udp }]
    dockerLabels: { team: shop }
    logConfiguration: { logDriver: awslogs, options: { awslogs-group: /test/web, awslogs-region: us-east-1 } }
  - name: otel
    image: otel@sha256:2
volumes: [{ name: data }]
`;

/** The template with overrides in it, as a service without a manifest has it. */
type Rendered = Record<string, unknown> & { containerDefinitions: Record<string, unknown>[] };

async function render(overrides: string, template = TEMPLATE) {
  const owner = { service: '', environment: '' };
  const read = await readOverrides(overrides, owner, '.');
  const origin = { source: 'web.yaml', template: parseTemplate(template, 'web.yaml'), overrides: read };
  const { document } = prepareTaskDefinition(origin);
  const warnings = checkTaskDefinition(document, origin);
  return { document: document as Rendered, warnings };
}
const web = async (overrides: string) => (await render(overrides)).document.containerDefinitions[0];
const lines = (overrides: string): string =>
  `containers:\n  web:\n    ${overrides.replaceAll('\n', '\n    ')}`;

describe('overrides of the task', () => {
  test.each<[string, string, object]>([
    ['cpu and memory, as numbers or with units', 'cpu: 1024\nmemory: 2 GB', { cpu: '1024', memory: '2 GB' }],
    ['family', 'family: web-staging', { family: 'web-staging' }],
    [
      'roles',
      'taskRoleArn: arn:aws:iam::1:role/a\nexecutionRoleArn: b',
      { taskRoleArn: 'arn:aws:iam::1:role/a' },
    ],
    [
      'the platform',
      'runtimePlatform: { cpuArchitecture: ARM64 }',
      { runtimePlatform: { cpuArchitecture: 'ARM64' } },
    ],
    ['a volume more', 'volumes: { cache: {} }', { volumes: [{ name: 'data' }, { name: 'cache' }] }],
    ['a volume less', 'volumes: { data: null }', { volumes: [] }],
    ['all volumes', 'volumes: [{ name: only }]', { volumes: [{ name: 'only' }] }],
    ['tags', 'tags: { team: shop }', { tags: [{ key: 'team', value: 'shop' }] }],
    ['a field that is newer than the SDK', 'zzNewField: { mode: "" }', { zzNewField: { mode: '' } }],
  ])('set %s', async (_what, overrides, expected) => {
    expect((await render(overrides)).document).toMatchObject(expected);
  });

  test('take a field away', async () => {
    expect((await render('memory: null')).document).not.toHaveProperty('memory');
  });
});

describe('overrides of a container', () => {
  test.each<[string, string, object]>([
    [
      'a variable',
      'environment: { MODE: live }',
      {
        environment: [
          { name: 'MODE', value: 'live' },
          { name: 'EMPTY', value: '' },
        ],
      },
    ],
    [
      'a variable more, with = in it, as it is written',
      'environment: { A: x=y=z, VERSION: 1.10, ZIP: 01234, ON: true }',
      {
        environment: [
          { name: 'MODE', value: 'test' },
          { name: 'EMPTY', value: '' },
          { name: 'A', value: 'x=y=z' },
          { name: 'VERSION', value: '1.10' },
          { name: 'ZIP', value: '01234' },
          { name: 'ON', value: 'true' },
        ],
      },
    ],
    [
      'a variable less',
      'environment: { MODE: null, NEVER: null }',
      { environment: [{ name: 'EMPTY', value: '' }] },
    ],
    [
      'exactly these variables',
      'environment: [{ name: B, value: 2 }]',
      { environment: [{ name: 'B', value: '2' }] },
    ],
    [
      'a secret',
      'secrets: { KEY: /live/key, MORE: /m }',
      {
        secrets: [
          { name: 'KEY', valueFrom: '/live/key' },
          { name: 'MORE', valueFrom: '/m' },
        ],
      },
    ],
    ['no secret', 'secrets: []', { secrets: [] }],
    [
      'a file of variables',
      'environmentFiles: { "arn:aws:s3:::b/live.env": s3 }',
      { environmentFiles: [{ value: 'arn:aws:s3:::b/live.env', type: 's3' }] },
    ],
    [
      'options of the log',
      'logConfiguration: { options: { awslogs-group: /live/web, mode: non-blocking } }',
      {
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/live/web', 'awslogs-region': 'us-east-1', mode: 'non-blocking' },
        },
      },
    ],
    ['labels', 'dockerLabels: { a: b=c=d, team: null }', { dockerLabels: { a: 'b=c=d' } }],
    ['a command as shell words', `command: sh -c "echo 'a b'"`, { command: ['sh', '-c', "echo 'a b'"] }],
    ['a command as JSON', `command: '["node", "a b.js"]'`, { command: ['node', 'a b.js'] }],
    ['a command as a list', 'entryPoint: [node, 8080]', { entryPoint: ['node', '8080'] }],
    ['cpu and memory', 'cpu: 128\nmemoryReservation: 256', { cpu: 128, memoryReservation: 256 }],
    [
      'a port by number',
      'portMappings: { 8080: { name: http }, 9090: {} }',
      {
        portMappings: [
          { containerPort: 8080, name: 'http' },
          { containerPort: 8125, protocol: 'udp' },
          { containerPort: 9090 },
        ],
      },
    ],
    [
      'a port by protocol',
      'portMappings: { 8125/udp: null, 53/udp: {} }',
      {
        portMappings: [{ containerPort: 8080 }, { containerPort: 53, protocol: 'udp' }],
      },
    ],
    [
      'a mount',
      'mountPoints: { data: /data }',
      { mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] },
    ],
    [
      'what it waits for',
      'dependsOn: { otel: START }',
      { dependsOn: [{ containerName: 'otel', condition: 'START' }] },
    ],
    [
      'a limit',
      'ulimits: { nofile: { softLimit: 1, hardLimit: 2 } }',
      { ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }] },
    ],
    ['the image', 'image: repo@sha256:3', { image: 'repo@sha256:3' }],
  ])('set %s', async (_what, overrides, expected) => {
    expect(await web(lines(overrides))).toMatchObject(expected);
  });

  test('add one, and take one away', async () => {
    const { document } = await render(
      'containers: { otel: null, proxy: { image: proxy@sha256:4, essential: false } }',
    );
    expect(document.containerDefinitions.map(({ name }) => name)).toEqual(['web', 'proxy']);
  });

  test('leave what they do not name as it is', async () => {
    const template = parseTemplate(TEMPLATE, 'web.yaml').document;
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[A-Z]{1,8}$/), fc.string(), async (name, value) => {
        const entry = JSON.stringify({ containers: { web: { environment: { [name]: value } } } });
        const { document } = await render(entry);
        const [before, ...others] = template.containerDefinitions as Record<string, unknown>[];
        const [after, ...same] = document.containerDefinitions;
        expect({ ...document, containerDefinitions: 0, cpu: 0 }).toEqual({
          ...template,
          containerDefinitions: 0,
          cpu: 0,
        });
        expect(same).toEqual(others);
        expect({ ...after, environment: 0 }).toEqual({ ...before, environment: 0 });
        expect(after?.environment).toContainEqual({ name, value });
      }),
      { numRuns: 50 },
    );
  });
});

describe('what is wrong is refused, with its line,', () => {
  test.each<[string, string, RegExp]>([
    [
      'a mistyped field',
      'cpu: 1\nmemroy: 512',
      /overrides:2:1 {2}memroy: "memroy" is no field of the API: did you mean "memory"\?/,
    ],
    [
      'a mistyped container',
      'containers: { wbe: { cpu: 1 } }',
      /overrides:1:\d+ {2}containerDefinitions\.wbe needs "image", since the template has no such container\. Did you mean "web"\?/,
    ],
    [
      'a container to take away that is not there',
      'containers: { otl: null }',
      /there is no "otl" to take away\. Did you mean "otel"\?/,
    ],
    [
      'a text for a number',
      'containers:\n  web:\n    cpu: much',
      /overrides:3:\d+ {2}containerDefinitions\.web\.cpu is "much": expected a number/,
    ],
    [
      'an open quote',
      lines('command: sh -c "echo'),
      /overrides:3:5 {2}containers\.web\.command: expected words as in a shell, with closed quotes/,
    ],
    [
      'a word of an enum in small letters',
      'networkMode: AWSVPC',
      /overrides:1:\d+ {2}networkMode is "AWSVPC": expected "awsvpc"/,
    ],
    ['a plain value for a list', 'volumes: data', /volumes: expected a list, or a map by name/],
    [
      'a family ECS would not take',
      'family: web/live',
      /family is "web\/live": expected letters, digits, - and _/,
    ],
    ['no map', '[a]', /overrides:1:1 {2}expected a map of task definition fields/],
    ['no YAML', 'a: [', /overrides cannot be read:\n {2}overrides:/],
  ])('%s', async (_what, overrides, expected) => {
    await expect(render(overrides)).rejects.toThrow(expected);
  });

  const broken = (from: string, to: string) => render('{}', TEMPLATE.replace(from, to));
  test.each<[string, string, string, RegExp]>([
    [
      'a field in other letters',
      'family: web',
      'Family: web',
      /web\.yaml:1:\d+ {2}.*(needs "family"|Family is spelt "family" in the API)/s,
    ],
    [
      'a text for a number',
      'containerPort: 8080',
      'containerPort: "8080"',
      /web\.yaml:11:\d+ {2}containerDefinitions\.web\.portMappings\.0\.containerPort is "8080": expected a number/,
    ],
    [
      'a container without an image',
      '    image: otel@sha256:2\n',
      '',
      /web\.yaml:14:\d+ {2}containerDefinitions\.otel needs "image"/,
    ],
    [
      'two containers of one name',
      'name: otel',
      'name: web',
      /containerDefinitions\.web\.name is there twice/,
    ],
    ['a secret without its source', 'valueFrom: /test/key', 'value: x', /secrets\.0 needs "valueFrom"/],
    [
      'a map for a list',
      'volumes: [{ name: data }]',
      'volumes: { data: {} }',
      /volumes is a map: expected a list/,
    ],
  ])('%s in the template', async (_what, from, to, expected) => {
    await expect(broken(from, to)).rejects.toThrow(expected);
  });

  test('a field and a word that nobody knows are kept, and told', async () => {
    const { document, warnings } = await broken('memory: "512"', 'memorry: "512"\nnetworkMode: mesh');
    expect(document).toMatchObject({ memorry: '512', networkMode: 'mesh' });
    expect(warnings.map(({ message, place }) => `${place?.line} ${message}`)).toEqual([
      '3 memorry is no field that this version of the SDK knows; did you mean "memory"?',
      expect.stringMatching(/^4 networkMode is "mesh", which is not among awsvpc, bridge, host, none$/),
    ]);
  });
});
