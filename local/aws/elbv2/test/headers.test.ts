import { expect, test } from '@jest/globals';
import { endToEndHeaders, headerValue, targetHeaders } from '../proxy/headers.ts';

const forwarding = {
  clientAddress: '127.0.0.1',
  protocol: 'http' as const,
  listenerPort: 8080,
  traceId: '1-65000000-0123456789abcdef01234567',
};

test('fields of one connection are left out, those named by Connection too', () => {
  const raw = [
    'Connection',
    'X-Secret, keep-alive',
    'X-Secret',
    '1',
    'Keep-Alive',
    'timeout=5',
    'TE',
    'trailers',
  ];
  expect(endToEndHeaders([...raw, 'Set-Cookie', 'a=1', 'set-cookie', 'b=2'])).toEqual([
    'Set-Cookie',
    'a=1',
    'set-cookie',
    'b=2',
  ]);
});

test('the target learns client, protocol and port, appended to what the client said', () => {
  const headers = targetHeaders(
    ['Host', 'shop', 'X-Forwarded-For', '9.9.9.9', 'X-Forwarded-Proto', 'https'],
    forwarding,
  );
  expect(headerValue(headers, 'host')).toBe('shop');
  expect(headerValue(headers, 'x-forwarded-for')).toBe('9.9.9.9, 127.0.0.1');
  expect(headerValue(headers, 'x-forwarded-proto')).toBe('http');
  expect(headerValue(headers, 'x-forwarded-port')).toBe('8080');
});

test.each([
  [undefined, 'Root=1-65000000-0123456789abcdef01234567'],
  ['Root=1-5-a', 'Self=1-65000000-0123456789abcdef01234567;Root=1-5-a'],
  ['Self=1-4-b;Root=1-5-a', 'Self=1-65000000-0123456789abcdef01234567;Root=1-5-a'],
  ['Field=x', 'Root=1-65000000-0123456789abcdef01234567;Field=x'],
])('a trace header %j becomes %s', (given, expected) => {
  const raw = given === undefined ? [] : ['X-Amzn-Trace-Id', given];
  expect(headerValue(targetHeaders(raw, forwarding), 'x-amzn-trace-id')).toBe(expected);
});
