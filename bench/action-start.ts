import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleAction } from '../scripts/bundle-action.ts';
import { percentile, renderColumns } from './measure.ts';

/** The bar: our time beyond bare Node, as a share of the plain bundle's. */
export const START_BAR = 0.7;
const ROUNDS = 21;
const ROOT = join(import.meta.dirname, '..');
const ARN = 'arn:aws:ecs:us-east-1:123456789012:service-deployment/shop/web/NEUF1ZM0aaaaaaaaaaaa1';

/** What an action is when nobody cares for its start: the same first call, by the same packages. */
const PLAIN = `
import * as core from '@actions/core';
import { ECS } from '@aws-sdk/client-ecs';
const arn = core.getInput('service-deployment-arn', { required: true });
const ecs = new ECS({ region: arn.split(':')[3] });
const answer = await ecs.describeServiceDeployments({ serviceDeploymentArns: [arn] });
core.info(JSON.stringify(answer.serviceDeployments));
`;

/** Milliseconds from the start of the process, medians over the rounds. `share` is of the plain bundle's. */
export interface StartResult {
  title: string;
  medianMs: number;
  beyondNodeMs: number;
  share: number;
}

/**
 * Measures how soon an action asks AWS for the first time: from the start of its process to the arrival of the
 * request. Bare Node writes one character instead. The three take turns, so that a busy moment hits all of them; no
 * compile cache, as on a fresh runner.
 */
export async function benchActionStart(): Promise<StartResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-start-'));
  const server = await listen();
  try {
    const programs = await makePrograms(folder);
    const times = programs.map((): number[] => []);
    for (let i = -1; i < ROUNDS; i++)
      for (const [k, program] of programs.entries()) {
        const ms = await startOf(program, server, folder);
        // The first round fills the page cache and counts for nobody.
        if (i >= 0) times[k]?.push(ms);
      }
    return summarize(
      programs.map(({ title }) => title),
      times.map((series) => percentile(series, 50)),
    );
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The figures as a table. */
export function renderStarts(results: readonly StartResult[]): string {
  const head = ['start to the first call', 'median ms', 'beyond Node ms', 'of plain', 'bar'];
  return renderColumns(
    head,
    results.map(({ title, medianMs, beyondNodeMs, share }, i) => [
      title,
      medianMs.toFixed(1),
      beyondNodeMs.toFixed(1),
      i === 0 ? '' : share.toFixed(2),
      i > 1 ? `≤ ${START_BAR}` : '',
    ]),
  );
}

interface Program {
  title: string;
  path: string;
}

function summarize(titles: readonly string[], medians: readonly number[]): StartResult[] {
  const [bare = 0, plain = 0] = medians;
  return titles.map((title, k) => {
    const medianMs = medians[k] ?? 0;
    return {
      title,
      medianMs,
      beyondNodeMs: medianMs - bare,
      share: (medianMs - bare) / (plain - bare),
    };
  });
}

async function makePrograms(folder: string): Promise<Program[]> {
  const bare = join(folder, 'bare.mjs');
  writeFileSync(bare, "process.stdout.write('.');\nsetTimeout(() => {}, 10_000);\n");
  const plain = await bundlePlain(folder);
  return [
    { title: 'bare Node', path: bare },
    { title: 'plain bundle (ncc)', path: plain },
    { title: 'wait-for-stable', path: await bundleOurs('wait-for-stable', folder) },
  ];
}

async function bundleOurs(name: string, folder: string): Promise<string> {
  const into = join(folder, name);
  for (const { path, text } of await bundleAction(join(ROOT, 'actions', name, 'src', 'index.ts'), ROOT)) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), text);
  }
  return join(into, 'index.js');
}

/** By ncc as it comes, not minified; its source lies where the packages are found. */
async function bundlePlain(folder: string): Promise<string> {
  const source = join(ROOT, '.berth', `plain-${process.pid}`);
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'index.js'), PLAIN);
  writeFileSync(join(source, 'package.json'), '{"type":"module"}');
  const ncc = join(ROOT, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const out = join(folder, 'plain');
  const args = [ncc, 'build', join(source, 'index.js'), '--out', out, '--no-cache', '--quiet'];
  try {
    const code = await exitOf(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
    if (code !== 0) throw new Error(`ncc failed (exit ${code})`);
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
  return join(out, 'index.js');
}

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Runs a program until its request arrives, or its first output where it asks nothing; then ends it. */
async function startOf({ path }: Program, server: Server, home: string): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [path], {
    env: {
      HOME: home,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: '123456789012',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      'INPUT_SERVICE-DEPLOYMENT-ARN': ARN,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = exitOf(child);
  const arrivedAt = await Promise.race([
    path.endsWith('bare.mjs') ? firstOutput(child) : firstRequest(server),
    exited.then((code) => Promise.reject(new Error(`${path} ended without a call (exit ${code})`))),
  ]);
  child.kill('SIGKILL');
  await exited;
  server.closeAllConnections();
  return arrivedAt - startedAt;
}

function firstOutput(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.stdout?.once('data', () => resolve(performance.now())));
}

function firstRequest(server: Server): Promise<number> {
  return new Promise((resolve) => server.once('request', () => resolve(performance.now())));
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
}
