import { expect, test } from '@jest/globals';
import {
  codeInputs,
  declaredInputs,
  incompleteSentences,
  readActionYml,
} from '../../core/test/doubles/declared-action.ts';
import { waitForStable } from '../src/run.ts';

const declared = readActionYml(new URL('../action.yml', import.meta.url));

test('action.yml declares the inputs the code reads, with the same defaults', () => {
  expect(declaredInputs(declared)).toEqual(codeInputs(waitForStable.inputs));
});

test('action.yml declares the outputs the code writes', () => {
  expect(Object.keys(declared.outputs).sort()).toEqual([...waitForStable.outputs].sort());
});

test('action.yml runs the bundle on Node 24 and describes everything in sentences', () => {
  expect(declared.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
  expect(incompleteSentences(declared)).toEqual([]);
});
