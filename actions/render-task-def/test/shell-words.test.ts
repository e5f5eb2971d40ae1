import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitShellWords } from '../src/shell-words.ts';

describe('a command line', () => {
  test.each<[string, string[] | undefined]>([
    ['node server.js', ['node', 'server.js']],
    ['  node   server.js ', ['node', 'server.js']],
    ['sh -c "echo hello world"', ['sh', '-c', 'echo hello world']],
    [`sh -c 'echo "$HOME"'`, ['sh', '-c', 'echo "$HOME"']],
    ['a\\ b c', ['a b', 'c']],
    ['--name="x y"z', ['--name=x yz']],
    ['""', ['']],
    ['"a\\"b" \'a\\b\'', ['a"b', 'a\\b']],
    ['"a\\nb"', ['a\\nb']],
    ['', []],
    ['echo "open', undefined],
    ["echo 'open", undefined],
  ])('%j is %j', (line, words) => {
    expect(splitShellWords(line)).toEqual(words);
  });

  test('that quotes any words gives them back', () => {
    const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitShellWords(words.map(quoted).join(' '))).toEqual(words);
      }),
    );
  });
});
