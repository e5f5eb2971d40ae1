import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasSameContent } from '../../src/decide/task-definition-content.ts';
import {
  diffTaskDefinitions,
  renderDiff,
  renderDiffMarkdown,
} from '../../src/decide/task-definition-diff.ts';

const document = (container: object = {}, rest: object = {}) => ({
  family: 'web',
  cpu: '256',
  containerDefinitions: [{ name: 'app', image: 'web:1', ...container }],
  ...rest,
});

describe('the difference of two task definitions', () => {
  test('is told by the names of containers and variables', () => {
    const before = document({
      environment: [
        { name: 'PORT', value: '80' },
        { name: 'OLD', value: 'x' },
      ],
      secrets: [{ name: 'KEY', valueFrom: '/one' }],
    });
    const after = document(
      {
        image: 'web@sha256:2',
        environment: [
          { name: 'NEW', value: 'y' },
          { name: 'PORT', value: '80' },
        ],
        secrets: [{ name: 'KEY', valueFrom: '/two' }],
        portMappings: [{ containerPort: 80 }],
      },
      { cpu: '0.5 vCPU' },
    );
    expect(renderDiff(diffTaskDefinitions(before, after))).toEqual([
      '+ app.environment.NEW: y',
      '- app.environment.OLD: x',
      '~ app.image: web:1 -> web@sha256:2',
      '+ app.portMappings.80.containerPort: 80',
      '+ app.portMappings.80.hostPort: 0',
      '+ app.portMappings.80.protocol: tcp',
      '~ app.secrets.KEY: /one -> /two',
      '~ cpu: 256 -> 512',
    ]);
  });

  test('hides the values of variables that speak of a secret', () => {
    const after = document({ environment: [{ name: 'DB_PASSWORD', value: 'hunter2' }] });
    const lines = renderDiff(diffTaskDefinitions(document(), after));
    expect(lines).toEqual(['+ app.environment.DB_PASSWORD: (hidden)']);
  });

  test('is a block that GitHub colours, and nothing where nothing differs', () => {
    expect(renderDiffMarkdown(diffTaskDefinitions(document(), document({ image: 'web:2' })))).toBe(
      '````diff\n- app.image: web:1\n+ app.image: web:2\n````',
    );
    expect(renderDiffMarkdown(diffTaskDefinitions(document(), document()))).toBe('');
  });

  test('shows everything of a service that has run nothing', () => {
    expect(diffTaskDefinitions(undefined, document()).map(({ path }) => path)).toContain('app.image');
  });

  test('is empty exactly where two definitions have the same content', () => {
    const container = fc.record(
      {
        image: fc.constantFrom('a:1', 'a:2'),
        essential: fc.boolean(),
        cpu: fc.constantFrom(0, 256),
        command: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
        environment: fc.uniqueArray(
          fc.record({ name: fc.constantFrom('A', 'B'), value: fc.constantFrom('1', '2') }),
          { selector: ({ name }) => name },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(container, container, (one, other) => {
        const [before, after] = [document(one), document(other)];
        expect(diffTaskDefinitions(before, after).length === 0).toBe(hasSameContent(before, after));
      }),
    );
  });
});
