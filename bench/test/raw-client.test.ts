import { describe, expect, it } from '@jest/globals';
import { completeAnswer } from '../wire/raw-client.ts';

const answer = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

describe('completeAnswer', () => {
  it('gives the status once the body is there in full', () => {
    const whole = answer('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello');
    expect(completeAnswer(whole)).toEqual({ status: 200, closes: false });
    for (let length = 0; length < whole.length; length++) {
      expect(completeAnswer(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it('sees that the server will close the connection', () => {
    const whole = answer('HTTP/1.1 400 Bad Request', 'content-length: 0', 'Connection: close', '', '');
    expect(completeAnswer(whole)).toEqual({ status: 400, closes: true });
  });

  it('refuses an answer whose end it cannot know', () => {
    expect(() => completeAnswer(answer('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', ''))).toThrow(
      'no content-length',
    );
  });
});
