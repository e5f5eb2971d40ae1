import { expect, test } from '@jest/globals';
import { eventually, having, until, untilConnected } from './caller.ts';

const answer = { status: 404, headers: new Headers(), json: { code: 'RESOURCE_UNKNOWN', id: '1' } };

test('a field that an answer must have is there, or the test ends with what came instead', () => {
  expect(having(answer, 'id').json.id).toBe('1');
  expect(() => having(answer, 'id', 'token')).toThrow(
    'An answer with id and token was expected, not 404 {"code":"RESOURCE_UNKNOWN","id":"1"}.',
  );
});

test('what does not come is told with what was waited for and what was there last, before the test ends by itself', async () => {
  let count = 0;
  const read = () => ({ count: ++count });
  expect(await eventually(read, (seen) => seen.count === 3)).toEqual({ count: 3 });
  await expect(eventually(read, (seen) => seen.count < 0, 0)).rejects.toThrow(
    /not so after 0 ms: .*count < 0 of .*\+\+count.* The last was \{"count":\d\}\./s,
  );
  await expect(until(() => count > 9, 0)).rejects.toThrow(/of .*count > 9\. The last was false\./);
});

test('a bus that does not answer is waited for', async () => {
  let left = 2;
  const assertAnswers = () => {
    left -= 1;
    if (left > 0) throw new Error('not connected');
  };
  await untilConnected({ assertAnswers });
  expect(left).toBe(0);
});
