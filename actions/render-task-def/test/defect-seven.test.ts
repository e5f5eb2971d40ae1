import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { testDeps } from '../../core/test/doubles/action-deps.ts';
import { inputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-defect-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const image = (letter: string): string => `host/app@sha256:${letter.repeat(64)}`;

/**
 * Reproduced on the released amazon-ecs-render-task-definition v1.9.0: label and log-option values are cut at a
 * second `=`, `command` splits inside quotes, `container-name: a, b` fails, and YAML gives `Unexpected token ':'`.
 */
test('a known defect of other tools does not exist here, 7: values cut at =, quotes split, names not trimmed, no YAML', async () => {
  writeFileSync(
    join(folder, 'app.yaml'),
    'family: app\ncontainerDefinitions:\n  - { name: a, image: none, logConfiguration: { logDriver: awslogs } }\n  - { name: b, image: none }\n',
  );
  const given: Record<string, string> = {
    'task-definition': './app.yaml',
    images: `a , b = ${image('1')}`,
    'environment-variables': 'QUERY=a=1&b=2',
    overrides: `containers:
  a:
    command: sh -c 'echo "one two"'
    dockerLabels: { rule: Host=a=b }
    logConfiguration: { options: { awslogs-datetime-format: "%Y=%m=%d" } }
`,
  };
  const deps = testDeps({ github: { workspace: folder, temp: folder } });
  const { outputs } = await run(
    readInputs(inputs, (name) => given[name] ?? ''),
    deps,
  );
  const environment = [{ name: 'QUERY', value: 'a=1&b=2' }];
  expect(JSON.parse(readFileSync(String(outputs['task-definition']), 'utf8'))).toEqual({
    family: 'app',
    containerDefinitions: [
      {
        name: 'a',
        image: image('1'),
        logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-datetime-format': '%Y=%m=%d' } },
        command: ['sh', '-c', 'echo "one two"'],
        dockerLabels: { rule: 'Host=a=b' },
        environment,
      },
      { name: 'b', image: image('1'), environment },
    ],
  });
});
