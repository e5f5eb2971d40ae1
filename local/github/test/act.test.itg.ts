import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tryIdentify } from '../../machine/process-identity.ts';
import { ensurePythonTools } from '../../machine/python-tools.ts';
import { type ActRunOptions, runWorkflow } from '../act.ts';
import { type CallerRepository, createCallerRepository } from '../caller-repository.ts';
import { type OidcIssuer, startOidcIssuer } from '../oidc-issuer.ts';
import { copyPackForAct } from '../pack-copy.ts';

const pack = { packName: 'OWNER/berth', ref: 'v1' };
const callerWorkflow = `
name: Ship it
on:
  push:
  workflow_dispatch:
    inputs:
      fail: { type: boolean, default: false }
jobs:
  ship:
    uses: OWNER/berth/.github/workflows/ship.yml@v1
    permissions: { contents: read, id-token: write }
    with:
      environment: prod
      fail: \${{ github.event_name == 'workflow_dispatch' && inputs.fail }}
    secrets:
      smoke: \${{ secrets.SMOKE }}
  after:
    needs: ship
    runs-on: ubuntu-latest
    steps:
      - run: echo "verdict \${{ needs.ship.outputs.verdict }}"
`;
const hangingWorkflow = `
name: Hang
on: [push]
jobs:
  hang:
    runs-on: ubuntu-latest
    steps:
      - uses: OWNER/berth/actions/probe@v1
        with: { mode: hang }
      - if: \${{ always() }}
        run: echo cleaned up
`;
const stubbornWorkflow = hangingWorkflow.replace(
  'run: echo cleaned up',
  'uses: OWNER/berth/actions/probe@v1\n        with: { mode: hang }',
);

let dir: string;
let issuer: OidcIssuer;
let caller: CallerRepository;
let sha: string;
let options: Omit<ActRunOptions, 'event' | 'eventPayload' | 'workflow'>;

beforeAll(async () => {
  process.env.BERTH_TEST_LEAK = 'this process';
  dir = await mkdtemp(join(tmpdir(), 'berth-act-test-'));
  const path = process.env.PATH ?? '';
  caller = await createCallerRepository({
    dir: join(dir, 'caller'),
    repository: 'shop/app',
    author: { name: 'Alice', email: 'alice@shop.test' },
    path,
  });
  sha = await caller.commit('Ship two services', {
    '.github/workflows/ship.yml': callerWorkflow,
    '.github/workflows/hang.yml': hangingWorkflow,
    '.github/workflows/stubborn.yml': stubbornWorkflow,
    'services.json': '[{"name":"email-api"},{"name":"email-consumer"}]\n',
  });
  await copyPackForAct({
    ...pack,
    packDir: join(import.meta.dirname, 'fixtures', 'pack'),
    into: join(dir, 'pack'),
  });
  issuer = await startOidcIssuer({ now: () => Date.now() });
  const tokens = issuer.register({
    repository: 'shop/app',
    repositoryId: 4711,
    repositoryOwnerId: 42,
    repositoryVisibility: 'private',
    ref: 'refs/heads/main',
    sha,
    workflow: 'Ship it',
    workflowRef: 'shop/app/.github/workflows/ship.yml@refs/heads/main',
    runId: '1',
    runNumber: 1,
    runAttempt: 1,
    actor: 'alice',
    actorId: 1,
    eventName: 'push',
    runnerEnvironment: 'github-hosted',
    jobs: { deploy: { environment: 'prod' } },
  });
  options = {
    ...pack,
    actBin: join((await ensurePythonTools(['act'])).bin, 'act'),
    node24Dir: dirname(process.execPath),
    path,
    callerDir: caller.dir,
    packDir: join(dir, 'pack'),
    temporaryDir: dir,
    actor: 'alice',
    secrets: { SMOKE: 'hush-hush' },
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: tokens.requestUrl('${{ github.job }}'),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokens.requestToken,
    },
  };
});

afterAll(async () => {
  await issuer?.stop();
  await rm(dir, { recursive: true, force: true });
});

const outputOf = (log: string, job: string) =>
  log
    .split('\n')
    .filter((line) => line.startsWith(`${job} | `))
    .map((line) => line.slice(job.length + 3));

describe('a push in a caller repository', () => {
  test('runs the pack through: matrix, tokens, outputs, summary', async () => {
    const events: string[] = [];
    const run = await runWorkflow({
      ...options,
      workflow: '.github/workflows/ship.yml',
      event: 'push',
      eventPayload: { ref: 'refs/heads/main' },
      onEvent: ({ kind }) => events.push(kind),
    });
    expect(run.faults).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.jobs.map(({ id, result }) => [id, result])).toEqual([
      ['changes', 'success'],
      ['build', 'success'],
      ['build', 'success'],
      ['deploy', 'success'],
      ['after', 'success'],
    ]);
    const built = run.jobs.filter(({ id }) => id === 'build').map(({ matrix }) => matrix);
    expect(built).toEqual(
      expect.arrayContaining([{ service: { name: 'email-api' } }, { service: { name: 'email-consumer' } }]),
    );
    expect(run.jobs.find(({ id }) => id === 'deploy')).toMatchObject({
      steps: [{ id: 'deploy', name: 'Deploy' }, { name: 'Say it in words' }],
      outputs: { deploy: { verdict: 'succeeded' } },
    });
    expect(outputOf(run.log, 'Ship it/after')).toEqual(['verdict succeeded']);
    expect(run.summary.split('\n').sort().slice(1, 3)).toEqual([
      '## build email-api',
      '## build email-consumer',
    ]);
    expect(events).toEqual(expect.arrayContaining(['group', 'end-group', 'job-ended', 'output', 'summary']));

    const deploy = outputOf(run.log, 'ship/Ship/Deploy');
    expect(deploy).toEqual(
      expect.arrayContaining([
        'deploy on Node 24',
        `repository shop/app at ${sha}`,
        'leaks nothing',
        'secret ***',
        'sub repo:shop@42/app@4711:environment:prod',
        'uses: $/not/a/reference',
      ]),
    );
    const builds = run.log.split('\n').filter((line) => / \| sub /.test(line) && /Build/.test(line));
    expect(builds).toHaveLength(2);
    for (const line of builds) expect(line).toContain('sub repo:shop@42/app@4711:ref:refs/heads/main');
  });

  test('that fails runs its rollback step, shows its error and leaves nothing behind', async () => {
    const run = await runWorkflow({
      ...options,
      workflow: '.github/workflows/ship.yml',
      event: 'workflow_dispatch',
      eventPayload: { inputs: { fail: true } },
    });
    expect(run).toMatchObject({ exitCode: 1, faults: [] });
    expect(run.jobs.find(({ id }) => id === 'deploy')).toMatchObject({
      result: 'failure',
      steps: [
        { name: 'Deploy', result: 'failure' },
        { name: 'Roll back', result: 'success' },
      ],
    });
    expect(run.jobs.some(({ id }) => id === 'after')).toBe(false);
    expect(run.annotations).toContainEqual({
      level: 'error',
      title: 'Deploy',
      file: 'berth.yaml',
      line: 3,
      message: 'The service failed\nfor a reason',
      job: 'ship/Ship/Deploy',
      step: 'Deploy',
    });
    expect((await readdir(dir)).sort()).toEqual(['caller', 'pack']);
    expect(await caller.git('status', '--porcelain')).toBe('');
  });

  test('that hangs ends at an interrupt, its clean-up steps run', async () => {
    const stop = new AbortController();
    const run = await runWorkflow({
      ...options,
      workflow: '.github/workflows/hang.yml',
      event: 'push',
      eventPayload: {},
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'group' && event.title.startsWith('hang')) stop.abort();
      },
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.jobs).toMatchObject([
      { id: 'hang', result: 'failure', steps: [{ result: 'failure' }, { result: 'success' }] },
    ]);
    expect(run.log).toContain('cleaned up');
  });

  test('whose clean-up hangs too is killed with every process it started', async () => {
    const stop = new AbortController();
    const pids: number[] = [];
    const run = await runWorkflow({
      ...options,
      workflow: '.github/workflows/stubborn.yml',
      event: 'push',
      eventPayload: {},
      signal: stop.signal,
      onEvent: (event) => {
        const pid = event.kind === 'line' ? /^pid (\d+)$/.exec(event.text)?.[1] : undefined;
        if (pid === undefined) return;
        pids.push(Number(pid));
        stop.abort();
      },
    });
    expect(run).toMatchObject({ exitCode: 137, jobs: [{ result: 'unfinished' }] });
    expect(pids).toHaveLength(2);
    while (pids.some((pid) => tryIdentify(pid))) await new Promise((resolve) => setImmediate(resolve));
  });

  test('of a workflow that act cannot read is a fault with its reason', async () => {
    await caller.commit('Break', {
      '.github/workflows/broken.yml': 'on: push\njobs: { a: { nonsense: 1 } }\n',
    });
    const run = await runWorkflow({
      ...options,
      workflow: '.github/workflows/broken.yml',
      event: 'push',
      eventPayload: {},
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.faults.join('\n')).toContain('Unknown Property nonsense');
  });
});

test('an act that is not there is said to be so', async () => {
  const gone = { ...options, actBin: join(dir, 'no-act') };
  const run = runWorkflow({
    ...gone,
    workflow: '.github/workflows/ship.yml',
    event: 'push',
    eventPayload: {},
  });
  await expect(run).rejects.toThrow(/^act did not start: .*ENOENT/);
});
