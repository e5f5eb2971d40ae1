import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readYamlDocument, type YamlPath } from '../src/yaml-document.ts';

const text = 'a: 1\nb:\n  - x: one\n    y: two\n  - { "k.l": 3 }\n';
const document = readYamlDocument(text, 'f.yaml');

describe('readYamlDocument', () => {
  test.each<[YamlPath, number, number]>([
    [[], 1, 1],
    [['a'], 1, 4],
    [['b'], 3, 3],
    [['b', 0, 'y'], 4, 8],
    [['b', 1, 'k.l'], 5, 14],
    [['b', 0, 'none'], 3, 5],
    [['none', 'deeper'], 1, 1],
  ])('finds the value at %j in line %i, column %i', (path, line, column) => {
    expect(document.placeOf(path)).toEqual({ file: 'f.yaml', line, column });
  });

  test('finds keys', () => {
    expect(document.placeOfKey(['b', 0, 'y'])).toMatchObject({ line: 4, column: 5 });
    expect(document.placeOfKey(['b', 1, 'k.l'])).toMatchObject({ line: 5, column: 7 });
  });

  test('lists syntax errors with their places, and gives no value then', () => {
    const { value, faults } = readYamlDocument('a: [1\nb: 2\n', 'f.yaml');
    expect(value).toBeUndefined();
    expect(faults[0]?.place).toMatchObject({ file: 'f.yaml', line: 2 });
  });

  test('reads back whatever was written as YAML or JSON', () => {
    const data = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(data, (value) => {
        expect(readYamlDocument(JSON.stringify(value), 'f').value).toEqual(value);
        expect(readYamlDocument(stringify(value), 'f').value).toEqual(value);
      }),
    );
  });
});
