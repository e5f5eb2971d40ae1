import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Driven, driveAction, inVirtualTime } from '../../core/test/doubles/action-drive.ts';
import { smokeTest } from '../src/run.ts';

/** The whole action over real HTTP; only the pauses between requests are virtual. */
const action = inVirtualTime(smokeTest);
const taskDefinitionArn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:7';
const deployment = {
  service: 'api',
  cluster: 'shop-prod',
  serviceName: 'api',
  serviceDeploymentArn: 'arn:aws:ecs:us-east-1:123456789012:service-deployment/shop-prod/api/abc',
  taskDefinitionArn,
  changed: true,
};
const manifest = (base: string): string => `version: 1
environments:
  prod: { account: "123456789012", region: us-east-1, cluster: shop-prod, variables: { base: "${base}" } }
services: { api: { smoke: smoke.yaml }, worker: {} }
`;

let folder = '';
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let answerAws: typeof answer;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string; port: number }[] =
  [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { method = '', url = '', headers, socket } = request;
    seen.push({ method, url, headers, body, port: socket.remotePort ?? 0 });
    if (headers['x-amz-target']) answerAws(request, response, body);
    else answer(request, response, body);
  });
});
const listening = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const reply =
  (status: number, body: string | object = ''): typeof answer =>
  (_, response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const drive = (checks: string, given: Record<string, string> = {}, base = listening()): Promise<Driven> => {
  writeFileSync(
    join(folder, 'smoke.yaml'),
    `version: 1\ndefaults: { deadline: 5s, timeout: 1s }\nchecks:\n${checks}`,
  );
  writeFileSync(join(folder, 'berth.yaml'), manifest(base));
  return driveAction(action, {
    inputs: { environment: 'prod', deployments: JSON.stringify([deployment]), ...given },
    env: {
      GITHUB_WORKSPACE: folder,
      GITHUB_SHA: 'abc123',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-nobody',
      AWS_ENDPOINT_URL: listening(),
    },
  });
};
const calls = (): unknown[] =>
  seen
    .filter(({ headers }) => headers['x-amz-target'])
    .map(({ headers, body }) => [headers['x-amz-target'], JSON.parse(body)]);
const requests = () => seen.filter(({ headers }) => !headers['x-amz-target']);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'berth-smoke-'));
  seen = [];
  answerAws = reply(200, '{}');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('smoke-test', () => {
  test('passes on right answers in a row, each over a connection of its own', async () => {
    answer = reply(200, { status: 'ok', sha: 'abc123' });
    const driven = await drive(
      '  - { name: health, get: "${{ base }}/healthz", expect: { json: { $.sha: "${{ sha }}" } } }\n',
    );
    expect(driven.stdout).not.toContain('::error');
    expect(driven).toMatchObject({ failed: false, outputs: { verdict: 'pass' } });
    expect(requests()).toHaveLength(3);
    expect(new Set(requests().map(({ port }) => port)).size).toBe(3);
    expect(JSON.parse(driven.outputs.results ?? '')).toEqual([
      {
        service: 'api',
        file: 'smoke.yaml',
        check: 'health',
        verdict: 'pass',
        attempts: 3,
        seconds: expect.any(Number),
        problems: [],
      },
    ]);
    expect(driven.summary).toContain('### Smoke test: pass');
  });

  test('sends methods, headers and bodies as they are written', async () => {
    answer = reply(201);
    await drive(
      '  - { name: a, post: "${{ base }}/a?x=1", headers: { X-Key: "${{ key }}" }, json: { a: [1] } }\n' +
        '  - { name: b, put: "${{ base }}/b", body: plain }\n  - { name: c, delete: "${{ base }}/c" }\n',
      { variables: 'key=v' },
    );
    expect(requests().map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
      'POST /a?x=1 {"a":[1]}',
      'PUT /b plain',
      'DELETE /c ',
    ]);
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-key': 'v' });
  });

  test('fails on a wrong answer, points at the check, and tags the revision known-bad', async () => {
    answer = reply(200, { status: 'wrong' });
    const driven = await drive(
      '  - name: health\n    get: ${{ base }}/healthz\n    expect: { json: { $.status: ok } }\n',
    );
    expect(driven).toMatchObject({ failed: true, outputs: { verdict: 'fail' } });
    expect(requests()).toHaveLength(3);
    expect(driven.stdout).toContain(
      '::error title=Smoke test fail%3A api%3A health,file=smoke.yaml,line=4::GET ${{ base }}/healthz: $.status: expected "ok", got "wrong"',
    );
    expect(driven.stdout).toContain(
      '::error::Smoke test: 1 of 1 checks did not pass (api). What serves answers wrongly; roll it back.',
    );
    expect(calls()).toEqual([
      [
        expect.stringMatching(/\.TagResource$/),
        { resourceArn: taskDefinitionArn, tags: [{ key: 'known-bad', value: 'smoke test failed: health' }] },
      ],
    ]);
  });

  test('keeps the verdict when the tag is refused, and says which permission is missing', async () => {
    answer = reply(404);
    answerAws = reply(400, { __type: 'AccessDeniedException', message: 'no' });
    const driven = await drive('  - { name: health, get: "${{ base }}/" }\n');
    expect(driven.outputs.verdict).toBe('fail');
    expect(driven.stdout).toMatch(
      /::warning::.*could not be tagged known-bad: ecs:TagResource failed: AccessDeniedException/,
    );
  });

  test.each([
    ['nothing was deployed', { changed: false }],
    ['nobody can be asked', {}],
  ])('tags nothing when %s', async (reason, change) => {
    answer = reply(500);
    const free = createTcpServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const closed = `http://127.0.0.1:${(free.address() as AddressInfo).port}`;
    await new Promise((resolve) => free.close(resolve));
    const base = reason === 'nobody can be asked' ? closed : listening();
    const given = { deployments: JSON.stringify([{ ...deployment, ...change }]) };
    const driven = await drive('  - { name: health, get: "${{ base }}/" }\n', given, base);
    expect(driven).toMatchObject({ failed: true, outputs: { verdict: base === closed ? 'error' : 'fail' } });
    if (base === closed)
      expect(driven.stdout).toMatch(/✗ health: error: connection to 127\.0\.0\.1:\d+ refused/);
    expect(calls()).toEqual([]);
  });

  test('waits out a service that comes up late', async () => {
    let count = 0;
    answer = (request, response, body) => {
      count++;
      if (count === 1) return void request.socket.destroy();
      reply(count < 4 ? 503 : 200)(request, response, body);
    };
    const driven = await drive('  - { name: health, get: "${{ base }}/" }\n');
    expect(driven.outputs.verdict).toBe('pass');
    expect(driven.stdout).toMatch(/… health: 127\.0\.0\.1:\d+ closed the connection without an answer\n/);
    expect(driven.stdout.match(/… health: status: expected 200 to 299, got 503/g)).toHaveLength(1);
  });

  test('fails a service that takes the request and stays silent', async () => {
    answer = () => undefined;
    const driven = await drive('  - { name: health, get: "${{ base }}/", timeout: 20ms }\n');
    expect(driven.outputs.verdict).toBe('fail');
    expect(driven.stdout).toMatch(/no answer from 127\.0\.0\.1:\d+ within 20 ms/);
  });

  test('does not follow a redirect', async () => {
    answer = (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end();
    const driven = await drive(
      '  - { name: moved, get: "${{ base }}/", expect: { status: 302, headers: { Location: /elsewhere } } }\n',
    );
    expect(driven.outputs.verdict).toBe('pass');
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/']));
  });

  test('shows a secret nowhere, even when the service sends it back', async () => {
    answer = (request, response, body) =>
      reply(500, { sent: request.headers.authorization, body })(request, response, body);
    const secret = 'hunter2/"x"';
    const driven = await drive(
      '  - name: login ${{ secrets.TOKEN }}\n    post: ${{ base }}/${{ secrets.TOKEN }}\n    headers: { authorization: "Bearer ${{ secrets.TOKEN }}" }\n    json: { token: "${{ secrets.TOKEN }}" }\n',
      { secrets: `TOKEN=${secret}` },
    );
    expect(driven.outputs.verdict).toBe('fail');
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${secret}`);
    expect(driven.stdout).toContain(`::add-mask::${secret}`);
    const shown =
      driven.stdout.replace(/^::add-mask::.*$/gm, '') + driven.summary + JSON.stringify(driven.outputs);
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('***');
  });

  test('says so when no service has a smoke file', async () => {
    const given = { deployments: JSON.stringify([{ ...deployment, service: 'worker', serviceName: 'api' }]) };
    const driven = await drive('  - { name: a, get: "${{ base }}/" }\n', given);
    expect(driven).toMatchObject({ failed: false, outputs: { verdict: 'pass', results: '[]' } });
    expect(driven.stdout).toContain('::notice::No service of this run has a smoke file');
  });

  test('runs one file without deployments, and without AWS', async () => {
    answer = reply(404);
    const driven = await drive('  - { name: a, get: "${{ base }}/" }\n', {
      deployments: '',
      file: 'smoke.yaml',
    });
    expect(driven.outputs.verdict).toBe('fail');
    expect(driven.stdout).toContain('(smoke.yaml)');
    expect(calls()).toEqual([]);
  });

  test.each([
    ['neither deployments nor file', { deployments: '' }, '::error::Give either "deployments"'],
    ['both', { file: 'smoke.yaml' }, 'both are given'],
    [
      'deployments of another shape',
      { deployments: '["api"]' },
      'expected the JSON list that deploy-service gives',
    ],
    ['a file that is not there', { deployments: '', file: 'x.yaml' }, 'There is no x.yaml in the workspace'],
    [
      'a faulty file',
      { secrets: 'A=1' },
      '::error file=smoke.yaml,line=4::smoke.yaml has 1 fault:%0A  smoke.yaml:4:13',
    ],
  ])('refuses %s before the first request', async (_, given, expected) => {
    const driven = await drive(
      '  - { name: "${{ nme }}", get: "${{ base }}/" }\n'.replace('nme', 'secrets.B'),
      given,
    );
    expect(driven).toMatchObject({ failed: true, outputs: {} });
    expect(driven.stdout).toContain(expected);
    expect(seen).toEqual([]);
  });
});
