import { expect, test } from '@jest/globals';
import { having } from './caller.ts';

const answer = { status: 404, headers: new Headers(), json: { code: 'RESOURCE_UNKNOWN', id: '1' } };

test('a field that an answer must have is there, or the test ends with what came instead', () => {
  expect(having(answer, 'id').json.id).toBe('1');
  expect(() => having(answer, 'id', 'token')).toThrow(
    'An answer with id and token was expected, not 404 {"code":"RESOURCE_UNKNOWN","id":"1"}.',
  );
});
