import { describe, expect, test } from '@jest/globals';
import { parseCommandLine } from '../src/arguments.ts';
import { renderLocal } from '../src/local.ts';

const words = (line: string) => line.split(' ').filter(Boolean);

describe('parseCommandLine', () => {
  test.each([
    ['local', { json: false }],
    ['local --json', { json: true }],
    [
      'local --enforce-iam --api-buckets --read-lag-ms 500',
      { json: false, enforceIam: true, apiBuckets: true, readLagMs: 500 },
    ],
    ['local --port 0 --time-scale 0.1', { json: false, port: 0, timeScale: 0.1 }],
    [
      'local --port=4566 --backend=http://127.0.0.1:5000/?a=b',
      { json: false, port: 4566, backend: 'http://127.0.0.1:5000/?a=b' },
    ],
  ])('reads berth %s', (line, options) => {
    expect(parseCommandLine(words(line))).toEqual({ kind: 'local', options });
  });

  test.each(['', 'help', '--help', '-h', 'local --help'])('shows its help for berth %s', (line) => {
    expect(parseCommandLine(words(line))).toEqual({ kind: 'help' });
  });

  test.each([
    ['locla', 'there is no command "locla". Did you mean "local"?'],
    ['toString', 'there is no command "toString". Known: ship, deploy, wait, rollback, smoke, local, help.'],
    ['local --prot 1', '"local" has no flag "--prot". Did you mean "--port"?'],
    ['local --timescale=1', '"local" has no flag "--timescale=1". Did you mean "--time-scale"?'],
    ['local --enforce-iam=yes', '"local" has no flag "--enforce-iam=yes". Did you mean "--enforce-iam"?'],
    ['local --read-lag-ms 1s', '--read-lag-ms takes milliseconds, from 0 to 600000, not "1s".'],
    ['local --port', '--port takes a port from 0 to 65535.'],
    ['local --port x', '--port takes a port from 0 to 65535, not "x".'],
    ['local --port 65536', '--port takes a port from 0 to 65535, not "65536".'],
    [
      'local --time-scale 0',
      '--time-scale takes a number above 0 and up to 1 (0.1 is ten times faster), not "0".',
    ],
    ['local --backend moto', '--backend takes the http:// address of a server that speaks AWS, not "moto".'],
  ])('refuses berth %s in one sentence', (line, message) => {
    expect(parseCommandLine(words(line))).toEqual({ kind: 'refused', message });
  });
});

describe('renderLocal', () => {
  const running = {
    endpoint: 'http://127.0.0.1:4570',
    registry: '127.0.0.1:4570',
    accountId: '123456789012',
    region: 'us-east-1',
    timeScale: 1,
    dockerHost: 'unix:///var/run/docker.sock',
  };

  test('shows how to use it from a shell', () => {
    expect(renderLocal(running, undefined).join('\n')).toContain(
      'aws ecr get-login-password | docker login --username AWS --password-stdin 127.0.0.1:4570',
    );
  });

  test('says when another port was chosen', () => {
    expect(renderLocal(running, 4566)[0]).toBe(
      'The local AWS answers (port 4566 is taken, another was chosen).',
    );
    expect(renderLocal(running, 4570)[0]).toBe('The local AWS answers.');
  });
});
