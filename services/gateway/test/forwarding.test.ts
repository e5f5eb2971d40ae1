import { expect, test } from '@jest/globals';
import { identityHeader } from '../../lib/identity-header.ts';
import { forwardRequestHeaders, forwardResponseHeaders } from '../forwarding.ts';

const client = { address: '203.0.113.9', protocol: 'https', host: 'api.example.com' };

test('a service gets the client as we know it, whatever the client says of itself', () => {
  const given = {
    accept: 'application/json',
    authorization: 'Bearer token',
    [identityHeader]: 'forged',
    'x-forwarded-for': '10.0.0.1, 10.0.0.2',
    'x-forwarded-port': '1',
    expect: '100-continue',
    te: 'trailers',
    'transfer-encoding': 'chunked',
    upgrade: 'h2c',
  };
  expect(forwardRequestHeaders(given, { client, identity: 'signed' })).toEqual({
    accept: 'application/json',
    [identityHeader]: 'signed',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-proto': 'https',
  });
});

test('a token that we have not checked is left to the service', () => {
  const headers = forwardRequestHeaders({ authorization: 'Bearer token' }, { client, identity: undefined });
  expect(headers.authorization).toBe('Bearer token');
  expect(headers).not.toHaveProperty(identityHeader);
});

test('the client gets nothing of the connection to the service', () => {
  const given = { etag: '"1"', connection: 'close, X-Own', 'x-own': '1', 'keep-alive': 'timeout=5' };
  expect(forwardResponseHeaders(given)).toEqual({ etag: '"1"' });
});
